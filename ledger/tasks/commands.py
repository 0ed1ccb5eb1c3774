"""What people and the chief do with tasks: create, change, cancel, retry, answer."""

from typing import Any

import asyncpg
import msgspec
from msgspec import UNSET

from agentops.wire import (
    Cancel,
    CreateBatch,
    Gate,
    GateAnswer,
    NewTask,
    Retry,
    Task,
    TaskPatch,
    Tasks,
    TaskStatus,
)
from ledger.caller import Caller
from ledger.errors import GateClosed, InvalidTransition, ValidationFailed, VersionConflict
from ledger.ids import checked, new_id, zoned
from ledger.tasks import dependencies, parts, sql
from ledger.tasks.creating import context_of, once_each, rank, write_down
from ledger.tasks.queries import get_gate, get_task
from ledger.tasks.rows import gate_of, state_of, task_of

_UNKNOWN = {
    "task_project_id_fkey": ("project_id", "no project has this id"),
    "task_parent_id_fkey": ("parent_id", "no task has this id"),
    "task_dependency_depends_on_fkey": ("depends_on", "one of these tasks does not exist"),
    "task_input_artifact_id_fkey": ("attachments", "one of these artifacts does not exist"),
}


async def create_task(caller: Caller, new: NewTask) -> Task:
    """Writes a task down, with what it waits for and works on.

    Raises:
        Forbidden: a worker may only split up a task that it holds.
        ValidationFailed: it names a project, task or artifact that does not exist.
    """
    _check(new)
    await parts.allow(caller, new)
    try:
        row = await write_down(caller, new)
    except asyncpg.ForeignKeyViolationError as error:
        raise _unknown(error) from error
    if row is None:
        raise LookupError("an insert without a row")
    caller.announce("task.created", row["id"])
    return task_of(row)


async def create_tasks(caller: Caller, batch: CreateBatch) -> Tasks:
    """Writes many tasks down, all or none.

    Raises:
        ValidationFailed: one names a project, task or artifact that does not exist.
    """
    caller.need()
    for new in batch.tasks:
        _check(new)
    try:
        given = [_given(new, caller.traceparent) for new in batch.tasks]
        rows = await caller.rows(sql.CREATE_BATCH, given, caller.name, caller.traceparent)
    except asyncpg.ForeignKeyViolationError as error:
        raise _unknown(error) from error
    for row in rows:
        caller.announce("task.created", row["id"])
    return Tasks(tasks=[task_of(row) for row in rows])


def _given(new: NewTask, traceparent: str | None) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(new),
        "id": new_id(),
        "context": context_of(new, traceparent),
        "priority": rank(new.priority),
        "depends_on": once_each(new.depends_on),
        "attachments": once_each(new.attachments),
    }


def _check(new: NewTask) -> None:
    checked([new.project_id], "project_id")
    checked([new.parent_id], "parent_id")
    checked(new.depends_on, "depends_on")
    checked(new.attachments, "attachments")
    zoned(new.due_at, "due_at")
    zoned(new.run_after, "run_after")


def _unknown(error: asyncpg.ForeignKeyViolationError) -> ValidationFailed:
    field, message = _UNKNOWN.get(error.constraint_name, ("body", "it names something that does not exist"))
    return ValidationFailed(f"{field}: {message}", errors=[{"path": field, "message": message}])


_PATCHABLE = (
    "title", "description", "acceptance_criteria", "priority", "project_id", "due_at", "run_after",
    "estimated_hours",
)  # fmt: skip


async def update_task(caller: Caller, task_id: str, patch: TaskPatch) -> Task:
    """Changes what the patch names; an empty patch changes nothing.

    Raises:
        VersionConflict: the patch names a version, and the task has a newer one.
        ValidationFailed: the project, or a task to wait for, does not exist.
        DependencyCycle: the task would wait for itself.
    """
    caller.need()
    if patch.depends_on is UNSET:
        return await _update(caller, task_id, patch)
    async with caller.db.joined():
        await dependencies.replace(caller, task_id, patch.depends_on)
        return await _update(caller, task_id, patch)


async def _update(caller: Caller, task_id: str, patch: TaskPatch) -> Task:
    changes: dict[str, Any] = {
        name: getattr(patch, name) for name in _PATCHABLE if getattr(patch, name) is not UNSET
    }
    if not changes and patch.depends_on is UNSET:
        return await get_task(caller.db, task_id)
    if "priority" in changes:
        changes["priority"] = rank(changes["priority"])
    if changes.get("project_id") is not None:
        checked([changes["project_id"]], "project_id")
    for name in ("due_at", "run_after"):
        zoned(changes.get(name), name)
    version = None if patch.version is UNSET else patch.version
    try:
        row = await caller.row(
            sql.update(tuple(changes)), task_id, caller.name, caller.traceparent, version, *changes.values()
        )
    except asyncpg.ForeignKeyViolationError as error:
        raise _unknown(error) from error
    if row is None:
        task = await get_task(caller.db, task_id)
        raise VersionConflict(
            f"task {task.number} has version {task.version}, not {version}", current=state_of(task)
        )
    caller.announce("task.updated", task_id)
    return task_of(row)


async def cancel(caller: Caller, task_id: str, wish: Cancel) -> Task:
    """Cancels what waits; asks the worker of what runs to stop. Asking twice changes nothing more.

    Raises:
        InvalidTransition: it has ended already.
    """
    caller.need()
    row = await caller.row(sql.CANCEL, task_id, caller.name, caller.traceparent, wish.reason)
    if row is not None:
        task = task_of(row)
        asked = task.status is TaskStatus.IN_PROGRESS
        caller.announce("task.updated" if asked else "task.cancelled", task_id)
        return task
    task = await get_task(caller.db, task_id)
    if task.cancel_requested and task.status is TaskStatus.IN_PROGRESS:
        return task
    raise InvalidTransition(f"task {task.number} is {task.status} already", current=state_of(task))


async def retry(caller: Caller, task_id: str, wish: Retry) -> Task:
    """Puts a failed task back, with all its attempts.

    Raises:
        InvalidTransition: it has not failed.
    """
    caller.need()
    row = await caller.row(sql.RETRY, task_id, caller.name, caller.traceparent, wish.reason)
    if row is None:
        task = await get_task(caller.db, task_id)
        raise InvalidTransition(
            f"task {task.number} is {task.status}; only a failed task is tried again", current=state_of(task)
        )
    caller.announce("task.retried", task_id)
    return task_of(row)


async def answer_gate(caller: Caller, gate_id: str, answer: GateAnswer) -> Gate:
    """Answers a gate, once; its task goes back to the workers.

    Raises:
        GateClosed: it was answered, or expired.
    """
    caller.need()
    by = answer.by or caller.name
    row = await caller.row(sql.ANSWER, gate_id, answer.answer, by, caller.traceparent)
    if row is None:
        gate = await get_gate(caller.db, gate_id)
        raise GateClosed(
            f"this gate is {gate.status}; it takes one answer",
            current={"status": str(gate.status), "answer": gate.answer, "answered_by": gate.answered_by},
        )
    caller.announce("gate.answered", gate_id)
    return gate_of(row)
