"""What a worker may have a key made for: another worker, which the person has approved."""

from agentops.wire import NewKey, Scope
from ledger.caller import Caller
from ledger.errors import Forbidden
from ledger.ids import checked
from ledger.tasks.claims import lost

LONGEST_S = 366 * 86_400
_HELD = """SELECT 1 FROM task_lease
WHERE task_id = $1 AND epoch = $2 AND ($3::uuid IS NULL OR key_id = $3::uuid) FOR SHARE"""
# The question has to name the key, as a word of its own, or a yes to something else would do. The first
# option of an approval is the one that agrees; channels have words of their own for it.
_APPROVED = r"""SELECT 1 FROM gate WHERE task_id = $1 AND kind = 'approval' AND status = 'answered'
    AND question ~ ('(^|[^[:alnum:]._@-])' || regexp_replace($2, '([^[:alnum:]])', '\\\1', 'g')
        || '([^[:alnum:]_@-]|$)')
    AND lower(btrim(answer, ' .!')) IN (lower(options[1]), 'yes', 'approve', 'approved') LIMIT 1"""


async def allow(caller: Caller, new: NewKey) -> None:
    """Lets administrators pass, and a worker that holds a task in which a key like this was approved.

    Raises:
        Forbidden: there is no approval, or the key would be more than a worker's.
        StaleClaim: the task is not held.
    """
    if caller.scope is Scope.ADMIN:
        return
    caller.need(Scope.AGENT)
    if new.task_id is None or new.epoch is None:
        raise Forbidden("a worker makes keys only for workers that were approved: give task_id and epoch")
    checked([new.task_id], "task_id")
    if new.scope is not Scope.AGENT or new.expires_in_s is None or new.expires_in_s > LONGEST_S:
        raise Forbidden("a worker makes only keys of scope agent, which expire within a year")
    if not await caller.db.row(_HELD, new.task_id, new.epoch, caller.held_by):
        raise await lost(caller, new.task_id, new.epoch)
    if not await caller.db.row(_APPROVED, new.task_id, new.name):
        raise Forbidden(f"the person has approved no worker by the name of {new.name} in this task")
