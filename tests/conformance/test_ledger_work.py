"""Claims, leases, fencing, attempts and gates, on both ledgers."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from agentops import (
    AgentOpsClient,
    Conflict,
    Forbidden,
    GateClosed,
    GateNotFound,
    InvalidTransition,
    StaleClaim,
    TaskNotFound,
    ValidationFailed,
    VersionConflict,
)
from agentops.wire import (
    AgentHeartbeat,
    AgentStatus,
    Block,
    Cancel,
    Claim,
    ClaimNextRequest,
    ClaimRequest,
    Complete,
    Fail,
    GateAnswer,
    GateId,
    GateKind,
    GateStatus,
    Heartbeat,
    HeldLease,
    NewAgent,
    NewKey,
    NewTask,
    Priority,
    Release,
    Scope,
    TaskId,
    TaskStatus,
)
from tests.conformance.ledgers import SEED, Ledger
from tests.waiting import eventually

NOBODY = "00000000-0000-0000-0000-000000000000"

WRITES: dict[str, Callable[[AgentOpsClient, TaskId, int], Awaitable[object]]] = {
    "heartbeat": lambda ops, task, epoch: ops.heartbeat(task, Heartbeat(epoch=epoch, progress=0.5)),
    "complete": lambda ops, task, epoch: ops.complete(task, Complete(epoch=epoch)),
    "fail": lambda ops, task, epoch: ops.fail(task, Fail(epoch=epoch, error="broken")),
    "block": lambda ops, task, epoch: ops.block(task, Block(epoch=epoch, question="Which?")),
    "release": lambda ops, task, epoch: ops.release(task, Release(epoch=epoch)),
    "cancel": lambda ops, task, epoch: ops.cancel(task, Cancel(epoch=epoch)),
    "upload": lambda ops, task, epoch: ops.upload(
        "a.txt", b"a", media_type="text/plain", task_id=task, epoch=epoch, kind="output"
    ),
}


async def test_the_most_urgent_task_is_claimed_first_then_the_oldest(ledger: Ledger) -> None:
    high = Priority.HIGH
    asked = {"low": Priority.LOW, "first": high, "second": high, "now": Priority.CRITICAL}
    for title, priority in asked.items():
        await ledger.admin.create_task(NewTask(title=title, priority=priority))
    claims = await ledger.agent.claim_next(ClaimNextRequest(agent=SEED, n=3))
    assert [claim.task.title for claim in claims] == ["now", "first", "second"]
    assert [claim.epoch for claim in claims] == [1, 1, 1]


async def test_a_task_is_won_by_one_racer(ledger: Ledger) -> None:
    tasks = [await ledger.task(f"task {number}") for number in range(10)]
    racers = [ledger.agent.claim_next(ClaimNextRequest(agent=f"seed-{n}", n=3)) for n in range(8)]
    won = [claim.task.id for claims in await asyncio.gather(*racers) for claim in claims]
    assert sorted(won) == sorted(task.id for task in tasks)


async def test_a_claim_of_another_version_is_refused(ledger: Ledger) -> None:
    task = await ledger.task()
    with pytest.raises(VersionConflict) as refused:
        await ledger.agent.claim(task.id, ClaimRequest(agent=SEED, version=7))
    assert refused.value.current is not None
    assert refused.value.current["version"] == task.version


async def test_a_task_waits_for_what_it_depends_on(ledger: Ledger) -> None:
    first = await ledger.task("first")
    second = await ledger.admin.create_task(NewTask(title="second", depends_on=[first.id, first.id]))
    assert second.depends_on == [first.id]
    with pytest.raises(InvalidTransition):
        await ledger.agent.claim(second.id, ClaimRequest(agent=SEED, version=second.version))
    (claim,) = await ledger.agent.claim_next(ClaimNextRequest(agent=SEED, n=5))
    assert claim.task.id == first.id
    await ledger.agent.complete(first.id, Complete(epoch=claim.epoch))
    (claim,) = await ledger.agent.claim_next(ClaimNextRequest(agent=SEED, n=5))
    assert claim.task.id == second.id


async def test_a_task_waits_for_its_time(ledger: Ledger) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    await ledger.admin.create_task(NewTask(title="later", run_after=tomorrow))
    assert await ledger.agent.claim_next(ClaimNextRequest(agent=SEED)) == []


async def test_a_worker_gets_only_what_it_can_do(ledger: Ledger) -> None:
    await ledger.admin.create_task(NewTask(title="chart", capabilities=["csv", "charts"]))
    assert await ledger.agent.claim_next(ClaimNextRequest(agent=SEED, capabilities=["csv"])) == []
    offered = ["charts", "csv", "text"]
    assert len(await ledger.agent.claim_next(ClaimNextRequest(agent=SEED, capabilities=offered))) == 1


@pytest.mark.parametrize("write", WRITES)
async def test_a_worker_that_lost_its_lease_can_write_nothing(ledger: Ledger, write: str) -> None:
    claim = await ledger.claimed()
    released = await ledger.agent.release(claim.task.id, Release(epoch=claim.epoch))
    again = await ledger.agent.claim(claim.task.id, ClaimRequest(agent="seed-2", version=released.version))
    assert again.epoch == claim.epoch + 1
    with pytest.raises(StaleClaim) as refused:
        await WRITES[write](ledger.agent, claim.task.id, claim.epoch)
    assert refused.value.current is not None
    assert refused.value.current["claim_epoch"] == again.epoch
    assert await ledger.admin.get_task(claim.task.id) == again.task


@pytest.mark.parametrize("write", WRITES)
async def test_a_worker_s_lease_is_of_no_use_to_another_key(ledger: Ledger, write: str) -> None:
    claim = await ledger.claimed()
    minted = await ledger.admin.create_key(NewKey(name="another", scope=Scope.AGENT))
    async with ledger.with_key(minted.secret) as another:
        # To stop what nobody asked to stop is refused for that reason first.
        with pytest.raises(InvalidTransition if write == "cancel" else Forbidden):
            await WRITES[write](another, claim.task.id, claim.epoch)
    assert await ledger.admin.get_task(claim.task.id) == claim.task


async def test_an_administrator_writes_in_a_worker_s_place(ledger: Ledger) -> None:
    claim = await ledger.claimed()
    done = await ledger.admin.complete(claim.task.id, Complete(epoch=claim.epoch))
    assert done.status is TaskStatus.COMPLETED


async def test_an_expired_lease_returns_the_task(ledger: Ledger) -> None:
    claim = await ledger.claimed(lease_s=1)

    async def back() -> Claim | None:
        claims = await ledger.agent.claim_next(ClaimNextRequest(agent="seed-2"))
        return claims[0] if claims else None

    again = await eventually(back, every_s=0.1)
    assert again is not None
    assert (again.task.id, again.epoch) == (claim.task.id, claim.epoch + 1)
    first, _ = await ledger.admin.list_attempts(claim.task.id)
    assert (first.outcome, first.agent) == ("lease_expired", SEED)
    with pytest.raises(StaleClaim):
        await ledger.agent.complete(claim.task.id, Complete(epoch=claim.epoch))


async def test_a_heartbeat_says_how_far_the_work_is(ledger: Ledger) -> None:
    claim = await ledger.claimed(lease_s=5)
    beat = Heartbeat(epoch=claim.epoch, lease_s=60, progress=0.25, note="counting")
    lease = await ledger.agent.heartbeat(claim.task.id, beat)
    assert lease.lease_expires_at > claim.lease_expires_at + timedelta(seconds=30)
    task = await ledger.admin.get_task(claim.task.id)
    assert (task.progress, task.progress_note, task.version) == (0.25, "counting", claim.task.version)
    await ledger.agent.heartbeat(claim.task.id, Heartbeat(epoch=claim.epoch))
    assert (await ledger.types(task)).count("task.progress") == 1


async def test_an_agent_hears_which_leases_it_lost_and_what_to_stop(ledger: Ledger) -> None:
    await ledger.agent.register_agent(NewAgent(name=SEED, capabilities=["csv"]))
    held, lost, stop = [await ledger.claimed() for _ in range(3)]
    await ledger.agent.release(lost.task.id, Release(epoch=lost.epoch))
    await ledger.admin.cancel(stop.task.id)
    leases = [HeldLease(task_id=claim.task.id, epoch=claim.epoch) for claim in (held, lost, stop)]
    told = await ledger.agent.agent_heartbeat(SEED, AgentHeartbeat(leases=leases))
    assert set(told.renewed) == {held.task.id, stop.task.id}
    assert (told.lost, told.cancel) == ([lost.task.id], [stop.task.id])
    agent = await ledger.admin.get_agent(SEED)
    assert agent.status is AgentStatus.ONLINE
    assert set(agent.current_tasks) == {held.task.id, stop.task.id}


async def test_a_failed_attempt_is_tried_again_until_none_is_left(ledger: Ledger) -> None:
    claim = await ledger.claimed(NewTask(title="flaky", max_attempts=2))
    failed = await ledger.agent.fail(claim.task.id, Fail(epoch=1, error="line 3"))
    assert (failed.status, failed.error, failed.attempt) == (TaskStatus.PENDING, "line 3", 1)
    assert failed.run_after is not None

    async def again() -> list[Claim]:
        return await ledger.agent.claim_next(ClaimNextRequest(agent=SEED))

    await eventually(again)
    failed = await ledger.agent.fail(claim.task.id, Fail(epoch=2, error="line 4"))
    assert (failed.status, failed.error) == (TaskStatus.FAILED, "line 4")
    assert failed.finished_at is not None
    back = await ledger.admin.retry(claim.task.id)
    assert (back.status, back.attempt, back.error, back.run_after) == (TaskStatus.PENDING, 0, None, None)
    assert [attempt.outcome for attempt in await ledger.admin.list_attempts(claim.task.id)] == ["failed"] * 2


async def test_a_release_costs_no_attempt(ledger: Ledger) -> None:
    claim = await ledger.claimed(NewTask(title="once", max_attempts=1))
    await ledger.agent.release(claim.task.id, Release(epoch=1))
    await ledger.agent.claim_next(ClaimNextRequest(agent=SEED))
    failed = await ledger.agent.fail(claim.task.id, Fail(epoch=2, error="broken"))
    assert failed.status is TaskStatus.FAILED


async def test_a_question_is_answered_once_and_seen_by_the_next_worker(ledger: Ledger) -> None:
    claim = await ledger.claimed()
    ask = Block(epoch=1, question="For how many?", options=["two", "four"], kind=GateKind.QUESTION)
    blocked = await ledger.agent.block(claim.task.id, ask)
    assert (blocked.status, blocked.blocked_reason) == (TaskStatus.BLOCKED, "For how many?")
    (gate,) = await ledger.admin.list_gates(status=GateStatus.OPEN)
    assert (gate.question, gate.options, gate.task_id) == (ask.question, ask.options, claim.task.id)
    assert await ledger.admin.get_gate(gate.id) == gate
    answered = await ledger.admin.answer_gate(gate.id, GateAnswer(answer="four", by="Anna"))
    assert (answered.status, answered.answer, answered.answered_by) == (GateStatus.ANSWERED, "four", "Anna")
    with pytest.raises(GateClosed) as refused:
        await ledger.admin.answer_gate(gate.id, GateAnswer(answer="two"))
    assert refused.value.current == {"status": "answered", "answer": "four", "answered_by": "Anna"}
    (again,) = await ledger.agent.claim_next(ClaimNextRequest(agent=SEED))
    assert again.answers == [answered]
    assert again.task.blocked_reason is None


async def test_a_question_that_ran_out_lets_the_task_go_on(ledger: Ledger) -> None:
    claim = await ledger.claimed()
    await ledger.agent.block(claim.task.id, Block(epoch=1, question="Now?", expires_in_s=1))

    async def pending() -> bool:
        return await ledger.status(claim.task) is TaskStatus.PENDING

    await eventually(pending, every_s=0.1)
    (gate,) = await ledger.admin.list_gates(task_id=claim.task.id)
    assert gate.status is GateStatus.EXPIRED
    (again,) = await ledger.agent.claim_next(ClaimNextRequest(agent=SEED))
    assert again.answers == []


async def test_cancelling_closes_the_question(ledger: Ledger) -> None:
    claim = await ledger.claimed()
    await ledger.agent.block(claim.task.id, Block(epoch=1, question="Which?"))
    await ledger.admin.cancel(claim.task.id)
    (gate,) = await ledger.admin.list_gates(task_id=claim.task.id)
    assert gate.status is GateStatus.EXPIRED
    with pytest.raises(GateClosed):
        await ledger.admin.answer_gate(gate.id, GateAnswer(answer="the red one"))


async def test_what_is_not_there_is_said_to_be_missing(ledger: Ledger) -> None:
    for ident in (NOBODY, "no-uuid"):
        with pytest.raises(TaskNotFound):
            await ledger.admin.get_task(TaskId(ident))
        with pytest.raises(TaskNotFound):
            await ledger.agent.complete(TaskId(ident), Complete(epoch=1))
        with pytest.raises(GateNotFound):
            await ledger.admin.get_gate(GateId(ident))


async def test_what_a_request_names_has_to_be_there(ledger: Ledger) -> None:
    for wrong in ({"depends_on": [NOBODY]}, {"attachments": [NOBODY]}, {"project_id": "no-uuid"}):
        with pytest.raises(ValidationFailed):
            await ledger.admin.create_task(NewTask(title="wrong", **wrong))
    with pytest.raises(ValidationFailed):
        await ledger.admin.create_task(NewTask(title="when?", due_at=datetime(2027, 1, 1)))  # noqa: DTZ001
    assert (await ledger.admin.list_tasks()).items == []


async def test_a_reader_changes_nothing_and_a_worker_only_what_it_holds(ledger: Ledger) -> None:
    task = await ledger.task()
    for ops in (ledger.reader, ledger.agent):
        with pytest.raises(Forbidden):
            await ops.create_task(NewTask(title="mine"))
        with pytest.raises(Forbidden):
            await ops.cancel(task.id)
    with pytest.raises(Forbidden):
        await ledger.reader.claim_next(ClaimNextRequest(agent=SEED))
    with pytest.raises(Conflict):
        await ledger.agent.complete(task.id, Complete(epoch=1))
    assert await ledger.reader.get_task(task.id) == task
