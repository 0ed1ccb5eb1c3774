"""How a worker's claim ends: complete, fail, block, release, stop. Every write carries the epoch."""

from typing import Any

from agentops.wire import Block, Cancel, Complete, Fail, Release, Scope, Task, TaskStatus
from ledger.caller import Caller
from ledger.errors import InvalidTransition
from ledger.tasks import sql
from ledger.tasks.claims import lost
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
    """Gives the task back undone; that costs none of its attempts."""
    return await _finish(caller, sql.RELEASE, task_id, back.epoch, back.reason)


async def stop(caller: Caller, task_id: str, epoch: int, wish: Cancel) -> Task:
    """Ends a task whose cancellation was asked for.

    Raises:
        InvalidTransition: nobody asked for it; release or fail it instead.
    """
    caller.need(Scope.AGENT)
    row = await caller.db.row(sql.STOP, task_id, epoch, caller.held_by, caller.traceparent, wish.reason)
    if row is None:
        task = await get_task(caller.db, task_id)
        if task.status is TaskStatus.IN_PROGRESS and task.claim_epoch == epoch and not task.cancel_requested:
            raise InvalidTransition(
                f"nobody asked to cancel task {task.number}; release or fail it", current=state_of(task)
            )
        raise await lost(caller, task_id, epoch)
    caller.announce("task.cancelled", task_id)
    return task_of(row)


async def _finish(caller: Caller, statement: str, task_id: str, epoch: int, *args: Any) -> Task:
    caller.need(Scope.AGENT)
    row = await caller.db.row(statement, task_id, epoch, caller.held_by, caller.traceparent, *args)
    if row is None:
        raise await lost(caller, task_id, epoch)
    task = task_of(row)
    caller.announce(_EVENTS[task.status], task_id)
    return task
