"""The state table, tried on both ledgers: every action on a task in every state."""

from collections.abc import Awaitable, Callable

import pytest

from agentops import Conflict, InvalidTransition, StaleClaim
from agentops.wire import (
    Block,
    Cancel,
    ClaimRequest,
    Complete,
    Fail,
    GateAnswer,
    Release,
    Task,
    TaskStatus,
)
from ledger.tasks.states import MOVES, Action, move
from tests.conformance.ledgers import SEED, Ledger

# FAIL and TRY_AGAIN are one call; which it is depends on `retryable`.
ACTIONS: dict[Action, Callable[[Ledger, Task], Awaitable[object]]] = {
    Action.CLAIM: lambda ledger, task: ledger.agent.claim(
        task.id, ClaimRequest(agent="seed-2", version=task.version)
    ),
    Action.COMPLETE: lambda ledger, task: ledger.agent.complete(task.id, Complete(epoch=1)),
    Action.FAIL: lambda ledger, task: ledger.agent.fail(
        task.id, Fail(epoch=1, error="broken", retryable=False)
    ),
    Action.TRY_AGAIN: lambda ledger, task: ledger.agent.fail(task.id, Fail(epoch=1, error="flaky")),
    Action.BLOCK: lambda ledger, task: ledger.agent.block(task.id, Block(epoch=1, question="Which one?")),
    Action.RELEASE: lambda ledger, task: ledger.agent.release(task.id, Release(epoch=1)),
    Action.STOP: lambda ledger, task: ledger.agent.cancel(task.id, Cancel(epoch=1)),
    Action.CANCEL: lambda ledger, task: ledger.admin.cancel(task.id),
    Action.RETRY: lambda ledger, task: ledger.admin.retry(task.id),
}
BY_WORKER = {Action.COMPLETE, Action.FAIL, Action.TRY_AGAIN, Action.BLOCK, Action.RELEASE, Action.STOP}
WAYS: dict[TaskStatus, tuple[Action, ...]] = {
    TaskStatus.PENDING: (),
    TaskStatus.IN_PROGRESS: (Action.CLAIM,),
    TaskStatus.BLOCKED: (Action.CLAIM, Action.BLOCK),
    TaskStatus.COMPLETED: (Action.CLAIM, Action.COMPLETE),
    TaskStatus.FAILED: (Action.CLAIM, Action.FAIL),
    TaskStatus.CANCELLED: (Action.CANCEL,),
}


async def task_in(ledger: Ledger, status: TaskStatus) -> Task:
    """A task in this state, claimed once at most."""
    task = await ledger.task()
    for action in WAYS[status]:
        await ACTIONS[action](ledger, task)
    return await ledger.admin.get_task(task.id)


def test_every_action_of_the_table_is_tried() -> None:
    assert {action for _, action in MOVES} == {*ACTIONS, Action.ANSWER}


@pytest.mark.parametrize("action", ACTIONS)
async def test_an_action_is_done_or_refused_as_the_table_says(ledger: Ledger, action: Action) -> None:
    for status in TaskStatus:
        task = await task_in(ledger, status)
        assert task.status is status
        if action is Action.STOP and status is TaskStatus.IN_PROGRESS:
            task = await ledger.admin.cancel(task.id)
        expected = move(status, action)
        if expected is not None:
            await ACTIONS[action](ledger, task)
            assert await ledger.status(task) is expected
            continue
        with pytest.raises(Conflict) as refused:
            await ACTIONS[action](ledger, task)
        assert isinstance(refused.value, StaleClaim if action in BY_WORKER else InvalidTransition)
        assert refused.value.current is not None
        assert refused.value.current["status"] == status
        assert await ledger.admin.get_task(task.id) == task


async def test_an_answer_makes_a_blocked_task_pending(ledger: Ledger) -> None:
    task = await task_in(ledger, TaskStatus.BLOCKED)
    (gate,) = await ledger.admin.list_gates(task_id=task.id)
    await ledger.admin.answer_gate(gate.id, GateAnswer(answer="the red one"))
    assert await ledger.status(task) is TaskStatus.PENDING


async def test_a_worker_stops_only_what_it_was_asked_to_stop(ledger: Ledger) -> None:
    claim = await ledger.claimed()
    with pytest.raises(InvalidTransition):
        await ledger.agent.cancel(claim.task.id, Cancel(epoch=claim.epoch))


async def test_a_second_request_to_stop_changes_nothing(ledger: Ledger) -> None:
    claim = await ledger.claimed()
    first = await ledger.admin.cancel(claim.task.id)
    assert await ledger.admin.cancel(claim.task.id) == first


@pytest.mark.parametrize("ending", [Action.FAIL, Action.TRY_AGAIN, Action.BLOCK, Action.RELEASE])
async def test_nobody_works_on_a_task_that_is_not_wanted_any_more(ledger: Ledger, ending: Action) -> None:
    claim = await ledger.claimed()
    await ledger.admin.cancel(claim.task.id)
    await ACTIONS[ending](ledger, claim.task)
    ended = await ledger.admin.get_task(claim.task.id)
    assert ended.status is TaskStatus.CANCELLED
    assert ended.finished_at is not None
    (attempt,) = await ledger.admin.list_attempts(claim.task.id)
    assert attempt.outcome == "cancelled"
    assert await ledger.admin.list_gates(task_id=claim.task.id) == []


async def test_done_work_counts_even_if_it_was_to_be_cancelled(ledger: Ledger) -> None:
    claim = await ledger.claimed()
    await ledger.admin.cancel(claim.task.id)
    done = await ledger.agent.complete(claim.task.id, Complete(epoch=claim.epoch, result={"summary": "ok"}))
    assert (done.status, done.cancel_requested) == (TaskStatus.COMPLETED, False)


async def test_the_agent_that_holds_a_task_is_named(ledger: Ledger) -> None:
    claim = await ledger.claimed()
    assert claim.task.assigned_to == SEED
    released = await ledger.agent.release(claim.task.id, Release(epoch=claim.epoch))
    assert released.assigned_to is None
