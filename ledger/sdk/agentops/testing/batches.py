"""Many tasks in one request, in memory."""

from agentops import errors
from agentops.testing.asking import Asking, checked
from agentops.testing.life import Life
from agentops.testing.state import Caller
from agentops.testing.tasks import check, write_down
from agentops.wire import (
    BatchOutcome,
    BatchOutcomes,
    Complete,
    CompleteBatch,
    CompleteItem,
    CreateBatch,
    Scope,
    Tasks,
)


def create_tasks(asking: Asking) -> Tasks:
    asking.need()
    batch = asking.read(CreateBatch)
    for new in batch.tasks:
        check(asking, new)
    return Tasks(tasks=[write_down(asking, new) for new in batch.tasks])


def complete_batch(asking: Asking) -> BatchOutcomes:
    caller, batch = asking.need(Scope.AGENT), asking.read(CompleteBatch)
    checked([item.task_id for item in batch.items], "items")
    return BatchOutcomes(outcomes=[_complete(asking, caller, item) for item in batch.items])


def _complete(asking: Asking, caller: Caller, item: CompleteItem) -> BatchOutcome:
    life, known = Life(asking.state), asking.state.tasks.get(item.task_id)
    try:
        kept = life.held(item.task_id, item.epoch, caller)
    except (errors.StaleClaim, errors.Forbidden, errors.TaskNotFound) as refused:
        return BatchOutcome(
            task_id=item.task_id,
            done=False,
            status=None if known is None else known.task.status,
            version=None if known is None else known.task.version,
            code=refused.code,
            detail=refused.detail,
        )
    life.complete(kept, caller, Complete(epoch=item.epoch, result=item.result))
    return BatchOutcome(task_id=item.task_id, done=True, status=kept.task.status, version=kept.task.version)
