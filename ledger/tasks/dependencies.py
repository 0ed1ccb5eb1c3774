"""Changing what a task waits for. No task may wait for itself, through however many others.

Edits are made one after the other, under an advisory lock: of two that together close a circle, the
second sees the first. Creating needs no lock, for nothing can wait yet for a task that is new.
"""

from collections.abc import Sequence

from agentops.wire import TaskId, TaskStatus
from ledger.caller import Caller
from ledger.errors import DependencyCycle, InvalidTransition, ValidationFailed
from ledger.ids import checked
from ledger.tasks.queries import get_task
from ledger.tasks.rows import state_of

_LOCK = "SELECT pg_advisory_xact_lock(7306004512875)"
_WAITS_FOR = """
WITH RECURSIVE ahead AS (
    SELECT id FROM unnest($2::uuid[]) AS d (id)
    UNION SELECT d.depends_on FROM task_dependency d JOIN ahead ON d.task_id = ahead.id
)
SELECT 1 FROM ahead WHERE id = $1 LIMIT 1
"""
_UNKNOWN = (
    "SELECT id FROM unnest($1::uuid[]) AS d (id) WHERE NOT EXISTS (SELECT 1 FROM task WHERE task.id = d.id)"
)
_CLEAR = "DELETE FROM task_dependency WHERE task_id = $1"
_ADD = """INSERT INTO task_dependency (task_id, depends_on)
    SELECT $1, d.id FROM unnest($2::uuid[]) WITH ORDINALITY AS d (id, n) ORDER BY d.n"""
_ENDED = frozenset({TaskStatus.COMPLETED, TaskStatus.CANCELLED})


async def replace(caller: Caller, task_id: str, depends_on: Sequence[TaskId]) -> None:
    """Makes the task wait for these and no others. Runs in the caller's transaction.

    Raises:
        DependencyCycle: one of them waits for this task.
        InvalidTransition: the task has ended.
        ValidationFailed: one of them does not exist.
    """
    checked(depends_on, "depends_on")
    wanted = list(dict.fromkeys(one.lower() for one in depends_on))
    await caller.db.rows(_LOCK)
    task = await get_task(caller.db, task_id)
    if task.status in _ENDED:
        raise InvalidTransition(
            f"task {task.number} is {task.status}; it waits for nothing", current=state_of(task)
        )
    if await caller.db.row(_WAITS_FOR, task_id, wanted):
        raise DependencyCycle(
            f"task {task.number} would wait for itself: one of these is it, or waits for it",
            current={**state_of(task), "depends_on": task.depends_on},
        )
    if await caller.db.row(_UNKNOWN, wanted):
        raise ValidationFailed(
            "depends_on: one of these tasks does not exist",
            errors=[{"path": "depends_on", "message": "one of these tasks does not exist"}],
        )
    await caller.db.rows(_CLEAR, task_id)
    await caller.db.rows(_ADD, task_id, wanted)
