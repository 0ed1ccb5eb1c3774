"""What a worker may do beyond its own writes: hand on parts of its task, raise another worker."""

import pytest

from agentops import Forbidden, StaleClaim, Unauthenticated
from agentops.wire import (
    Block,
    ClaimNextRequest,
    Complete,
    Fail,
    GateAnswer,
    GateKind,
    NewKey,
    NewTask,
    Release,
    Scope,
    TaskId,
    TaskStatus,
)
from tests.conformance.ledgers import SEED, Ledger


async def test_a_worker_makes_parts_of_a_task_that_it_holds_and_no_others(ledger: Ledger) -> None:
    claim = await ledger.claimed()
    part = NewTask(title="Count the red ones", parent_id=claim.task.id, parent_epoch=claim.epoch)

    made = await ledger.agent.create_task(part)

    assert made.parent_id == claim.task.id
    with pytest.raises(Forbidden):
        await ledger.agent.create_task(NewTask(title="My own idea"))
    with pytest.raises(StaleClaim):
        await ledger.agent.create_task(
            NewTask(title="Too late", parent_id=claim.task.id, parent_epoch=claim.epoch + 1)
        )


async def test_a_part_may_wait_only_for_parts_of_the_same_task(ledger: Ledger) -> None:
    claim = await ledger.claimed()

    def part(title: str, *depends_on: TaskId) -> NewTask:
        return NewTask(
            title=title, parent_id=claim.task.id, parent_epoch=claim.epoch, depends_on=list(depends_on)
        )

    first = await ledger.agent.create_task(part("First"))
    second = await ledger.agent.create_task(part("Second", first.id))

    assert second.depends_on == [first.id]
    with pytest.raises(Forbidden):
        await ledger.agent.create_task(part("In a circle", claim.task.id))


@pytest.mark.parametrize("how", ["completed", "failed", "cancelled"])
async def test_a_whole_goes_on_when_its_parts_have_ended_whichever_way(ledger: Ledger, how: str) -> None:
    claim = await ledger.claimed()
    part = await ledger.agent.create_task(
        NewTask(title="A part", parent_id=claim.task.id, parent_epoch=claim.epoch)
    )
    await ledger.agent.release(claim.task.id, Release(epoch=claim.epoch, wait_for=[part.id]))
    wish = ClaimNextRequest(agent=SEED, n=10)

    (held,) = await ledger.agent.claim_next(wish)
    assert held.task.id == part.id
    match how:
        case "completed":
            await ledger.agent.complete(part.id, Complete(epoch=held.epoch))
        case "failed":
            await ledger.agent.fail(part.id, Fail(epoch=held.epoch, error="no", retryable=False))
        case _:
            await ledger.agent.release(part.id, Release(epoch=held.epoch))
            await ledger.admin.cancel(part.id)

    (again,) = await ledger.agent.claim_next(wish)
    assert again.task.id == claim.task.id
    assert again.task.depends_on == [part.id]


async def test_a_strangers_task_is_not_waited_for(ledger: Ledger) -> None:
    stranger = await ledger.task("Somebody else's")
    claim = await ledger.claimed()
    await ledger.agent.release(claim.task.id, Release(epoch=claim.epoch, wait_for=[stranger.id]))

    assert (await ledger.admin.get_task(claim.task.id)).depends_on == []


async def test_a_specialist_leaves_tasks_that_ask_for_nothing_to_others(ledger: Ledger) -> None:
    await ledger.task("Anyone can do this")
    mine = await ledger.admin.create_task(NewTask(title="Translate", capabilities=["translator"]))

    wish = ClaimNextRequest(agent=SEED, n=10, capabilities=["translator"], only_matching=True)

    assert [claim.task.id for claim in await ledger.agent.claim_next(wish)] == [mine.id]


async def test_a_worker_gets_a_key_for_another_only_after_the_person_agreed(ledger: Ledger) -> None:
    claim = await ledger.claimed()
    wish = NewKey(name="expert", scope=Scope.AGENT, expires_in_s=60, task_id=claim.task.id, epoch=claim.epoch)
    with pytest.raises(Forbidden):
        await ledger.agent.create_key(wish)

    held = await _answered(ledger, claim.task.id, claim.epoch, "Approve")
    key = await ledger.agent.create_key(
        NewKey(name="expert", scope=Scope.AGENT, expires_in_s=60, task_id=claim.task.id, epoch=held)
    )

    assert key.scope is Scope.AGENT
    for more in (
        NewKey(name="boss", scope=Scope.ADMIN, expires_in_s=60, task_id=claim.task.id, epoch=held),
        NewKey(name="for ever", scope=Scope.AGENT, task_id=claim.task.id, epoch=held),
        NewKey(name="stranger", scope=Scope.AGENT, expires_in_s=60, task_id=claim.task.id, epoch=held),
        NewKey(name="expe", scope=Scope.AGENT, expires_in_s=60, task_id=claim.task.id, epoch=held),
        NewKey(name="out of the blue", scope=Scope.AGENT, expires_in_s=60),
    ):
        with pytest.raises(Forbidden):
            await ledger.agent.create_key(more)
    async with ledger.with_key(key.secret) as expert:
        await expert.revoke_key(key.id)
    with pytest.raises(Forbidden):
        await ledger.agent.revoke_key(key.id)
    async with ledger.with_key(key.secret) as expert:
        with pytest.raises(Unauthenticated):
            await expert.whoami()


async def test_a_refusal_is_no_approval(ledger: Ledger) -> None:
    claim = await ledger.claimed()
    held = await _answered(ledger, claim.task.id, claim.epoch, "Deny")
    with pytest.raises(Forbidden):
        await ledger.agent.create_key(
            NewKey(name="expert", scope=Scope.AGENT, expires_in_s=60, task_id=claim.task.id, epoch=held)
        )


async def test_what_a_worker_keeps_for_itself_is_no_output(ledger: Ledger) -> None:
    claim = await ledger.claimed()
    kept = await ledger.agent.upload(
        "memory.json",
        b"{}",
        media_type="application/json",
        task_id=claim.task.id,
        epoch=claim.epoch,
        kind="record",
    )

    assert kept.kind == "record"
    assert [one.id for one in await ledger.agent.list_artifacts(claim.task.id)] == [kept.id]
    with pytest.raises(Forbidden):
        await ledger.agent.upload(
            "memory.json", b"{}", media_type="application/json", task_id=claim.task.id, kind="record"
        )


async def _answered(ledger: Ledger, task_id: TaskId, epoch: int, answer: str) -> int:
    """Asks for an approval, gets this answer, and claims the task again; the new epoch."""
    await ledger.agent.block(
        task_id,
        Block(
            epoch=epoch,
            question="May I raise the worker expert?",
            kind=GateKind.APPROVAL,
            options=["Approve", "Deny"],
        ),
    )
    (gate,) = await ledger.admin.list_gates(task_id=task_id)
    await ledger.admin.answer_gate(gate.id, GateAnswer(answer=answer))
    assert (await ledger.admin.get_task(task_id)).status is TaskStatus.PENDING
    (claim,) = await ledger.agent.claim_next(ClaimNextRequest(agent=SEED))
    return claim.epoch
