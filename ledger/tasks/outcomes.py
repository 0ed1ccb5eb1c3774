"""How a worker's claim ends: complete, fail, block, release, stop. Every write carries the epoch."""

from collections.abc import Sequence
from typing import Any

import msgspec

from agentops.wire import (
    BatchOutcome,
    BatchOutcomes,
    Block,
    Cancel,
    Complete,
    CompleteBatch,
    CompleteItem,
    Fail,
    Release,
    Scope,
    Task,
    TaskId,
    TaskStatus,
)
from ledger.caller import Caller
from ledger.engine import Row
from ledger.errors import Forbidden, InvalidTransition, LedgerError, TaskNotFound
from ledger.ids import checked
from ledger.once import Command
from ledger.tasks import sql
from ledger.tasks.claims import lost, stale
from ledger.tasks.queries import get_task
from ledger.tasks.rows import state_of, task_of

_EVENTS = {
    TaskStatus.COMPLETED: "task.completed",
    TaskStatus.FAILED: "task.failed",
    TaskStatus.CANCELLED: "task.cancelled",
    TaskStatus.BLOCKED: "task.blocked",
    TaskStatus.PENDING: "task.retried",
}


async def complete(caller: Caller, task_id: str, done: Complete) -> Task:
    """Ends the task with its result, even if its cancellation was asked for: the work is done."""
    return await _finish(caller, sql.COMPLETE, task_id, done.epoch, done.result)


async def complete_batch(caller: Caller, batch: CompleteBatch) -> BatchOutcomes:
    """Ends many tasks at once, each under its own epoch; one that is refused says why."""
    caller.need(Scope.AGENT)
    rows = await caller.rows(sql.COMPLETE_BATCH, *handed_in(caller, batch.items))
    return BatchOutcomes(outcomes=outcomes_of(caller, batch.items, rows))


def handed_in(caller: Caller, items: Sequence[CompleteItem]) -> tuple[object, ...]:
    """The arguments of `ledger.tasks.sql.COMPLETE_BATCH`."""
    ids = [item.task_id for item in items]
    checked(ids, "items")
    return (
        ids,
        [item.epoch for item in items],
        [item.result for item in items],
        caller.held_by,
        caller.traceparent,
    )


class _Refused(msgspec.Struct, frozen=True):
    """How a task stands that was not ended; `status` is None if there is none."""

    task_id: TaskId
    epoch: int
    number: int | None
    claim_epoch: int | None
    status: TaskStatus | None
    version: int | None
    anothers: bool


class _HandedIn(msgspec.Struct, frozen=True):
    """The value of `ledger.tasks.sql.HANDED_IN`: what was ended, and what was not."""

    ids: list[TaskId] | None
    versions: list[int] | None
    refused: list[_Refused] | None


def outcomes_of(caller: Caller, items: Sequence[CompleteItem], rows: Sequence[Row]) -> list[BatchOutcome]:
    """What became of each item, from the rows of a statement that ends many."""
    if not items or not rows:
        return []
    was = rows[0].get("was")  # its row is the first
    told = _told_before(rows) if was is None else msgspec.convert(was, _HandedIn)
    versions = dict(zip(told.ids or (), told.versions or (), strict=True))
    refused = {(one.task_id, one.epoch): one for one in told.refused or ()}
    outcomes: list[BatchOutcome] = []
    for item in items:
        task_id = TaskId(item.task_id.lower())
        version = versions.get(task_id)
        if version is None:
            outcomes.append(_refusal(refused[task_id, item.epoch]))
            continue
        caller.announce("task.completed", task_id)
        outcomes.append(
            BatchOutcome(task_id=task_id, done=True, status=TaskStatus.COMPLETED, version=version)
        )
    return outcomes


def _told_before(rows: Sequence[Row]) -> _HandedIn:
    """From an answer that the release before stored: an object for each item, with `was_` when settling."""
    prefix = "was_" if "was_done" in rows[0] else ""
    told = [
        {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}
        for row in rows
    ]
    done = [one for one in told if one.get("done")]
    refused = [one for one in told if one.get("done") is False]
    return _HandedIn(
        ids=[one["task_id"] for one in done],
        versions=[one["version"] for one in done],
        refused=msgspec.convert(refused, list[_Refused]),
    )


def _refusal(one: _Refused) -> BatchOutcome:
    why = _why_not(one)
    return BatchOutcome(
        task_id=one.task_id,
        done=False,
        status=one.status,
        version=one.version,
        code=why.code,
        detail=why.detail,
    )


def _why_not(one: _Refused) -> LedgerError:
    if one.status is None or one.number is None or one.claim_epoch is None:
        return TaskNotFound(f"no task has the id {one.task_id}")
    if one.anothers:
        return Forbidden(f"task {one.number} is held with another key")
    return stale(one.epoch, number=one.number, status=one.status, claim_epoch=one.claim_epoch)


async def fail(caller: Caller, task_id: str, failure: Fail, *, retry_base_s: float) -> Task:
    """Ends the attempt; the task is tried again after a pause while attempts are left."""
    return await _finish(
        caller, sql.FAIL, task_id, failure.epoch, failure.error, failure.retryable, retry_base_s
    )


async def block(caller: Caller, task_id: str, ask: Block) -> Task:
    """Opens a gate and gives the task up until it is answered."""
    seconds = None if ask.expires_in_s is None else float(ask.expires_in_s)
    return await _finish(
        caller, sql.BLOCK, task_id, ask.epoch, ask.question, str(ask.kind), ask.options, seconds
    )


async def release(caller: Caller, task_id: str, back: Release) -> Task:
    """Gives the task back undone; that costs none of its attempts.

    Of what it is to wait for, only its own parts count: they end whether or not it does.
    """
    checked(back.wait_for, "wait_for")
    return await _finish(caller, sql.RELEASE, task_id, back.epoch, back.reason, back.wait_for)


async def stop(caller: Caller, task_id: str, epoch: int, wish: Cancel) -> Task:
    """Ends a task whose cancellation was asked for.

    Raises:
        InvalidTransition: nobody asked for it; release or fail it instead.
    """
    caller.need(Scope.AGENT)
    row = await caller.row(sql.STOP, task_id, epoch, caller.held_by, caller.traceparent, wish.reason)
    if row is None:
        task = await get_task(caller.db, task_id)
        if task.status is TaskStatus.IN_PROGRESS and task.claim_epoch == epoch and not task.cancel_requested:
            raise InvalidTransition(
                f"nobody asked to cancel task {task.number}; release or fail it", current=state_of(task)
            )
        raise await lost(caller, task_id, epoch)
    caller.announce("task.cancelled", task_id)
    return task_of(row)


async def _finish(caller: Caller, statement: Command, task_id: str, epoch: int, *args: Any) -> Task:
    caller.need(Scope.AGENT)
    row = await caller.row(statement, task_id, epoch, caller.held_by, caller.traceparent, *args)
    if row is None:
        raise await lost(caller, task_id, epoch)
    task = task_of(row)
    caller.announce(_EVENTS[task.status], task_id)
    return task
