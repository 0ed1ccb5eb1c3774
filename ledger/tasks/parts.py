"""Parts of a task: what a worker may hand on while it holds the whole."""

from agentops.wire import NewTask, Scope
from ledger.caller import Caller
from ledger.errors import Forbidden
from ledger.tasks.claims import lost

_HELD = """SELECT 1 FROM task_lease
WHERE task_id = $1 AND epoch = $2 AND ($3::uuid IS NULL OR key_id = $3::uuid) FOR SHARE"""
# Parts that could wait for anything else might wait for the whole, which waits for them.
_STRANGERS = """SELECT 1 FROM unnest($2::uuid[]) AS d (id) WHERE NOT EXISTS (
    SELECT 1 FROM task t WHERE t.id = d.id AND t.parent_id = $1) LIMIT 1"""
_FOREIGN_FILES = """SELECT 1 FROM unnest($2::uuid[]) AS a (id) WHERE NOT EXISTS (
    SELECT 1 FROM artifact f LEFT JOIN task t ON t.id = f.task_id
    WHERE f.id = a.id AND (t.id = $1 OR t.parent_id = $1)
    UNION ALL SELECT 1 FROM task_input i WHERE i.artifact_id = a.id AND i.task_id = $1) LIMIT 1"""


async def allow(caller: Caller, new: NewTask) -> None:
    """Lets administrators pass, and the worker that holds the task of which this is a part.

    Raises:
        Forbidden: it is no part of a task, or waits for or carries what is not of the same whole.
        StaleClaim: `parent_epoch` is not that of the present lease.
    """
    if caller.scope is Scope.ADMIN:
        return
    caller.need(Scope.AGENT)
    if new.parent_id is None or new.parent_epoch is None:
        raise Forbidden("a worker makes only parts of a task that it holds: give parent_id and parent_epoch")
    if not await caller.db.row(_HELD, new.parent_id, new.parent_epoch, caller.held_by):
        raise await lost(caller, new.parent_id, new.parent_epoch)
    if new.depends_on and await caller.db.row(_STRANGERS, new.parent_id, new.depends_on):
        raise Forbidden("depends_on: a part may wait only for other parts of the same task")
    if new.attachments and await caller.db.row(_FOREIGN_FILES, new.parent_id, new.attachments):
        raise Forbidden("attachments: a part may be given only files of the whole and of its other parts")
