"""Many tasks in one request, in memory."""

from agentops import errors
from agentops.testing.asking import Asking, checked
from agentops.testing.life import Life
from agentops.testing.state import Caller
from agentops.testing.stops import passed_over
from agentops.testing.tasks import check, ready_for, write_down
from agentops.wire import (
    BatchOutcome,
    BatchOutcomes,
    Complete,
    CompleteBatch,
    CompleteItem,
    CreateBatch,
    Scope,
    Settle,
    Settled,
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


def settle(asking: Asking) -> Settled:
    caller, wish = asking.need(Scope.AGENT), asking.read(Settle)
    checked([item.task_id for item in wish.items], "items")
    # What this very batch sets free is not given out before the next call.
    ready = ready_for(asking, wish)
    outcomes = [_complete(asking, caller, item) for item in wish.items]
    life = Life(asking.state)
    claims = [life.claim(kept, caller, wish.agent, wish.lease_s) for kept in ready]
    paused, stopped = passed_over(asking.state, wish.agent) if len(claims) < wish.n else (False, [])
    return Settled(claims=claims, paused=paused, stopped=stopped, outcomes=outcomes)


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
