"""The life of a task, as one table: every state and every action."""

import pytest

from agentops.wire import TaskStatus
from ledger.tasks.states import FINISHED, Action, move, sources, target

PENDING, IN_PROGRESS, BLOCKED = TaskStatus.PENDING, TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED
COMPLETED, FAILED, CANCELLED = TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED

#            pending      in_progress  blocked    completed  failed   cancelled
TABLE = {
    Action.CLAIM: (IN_PROGRESS, None, None, None, None, None),
    Action.COMPLETE: (None, COMPLETED, None, None, None, None),
    Action.FAIL: (None, FAILED, None, None, None, None),
    Action.TRY_AGAIN: (None, PENDING, None, None, None, None),
    Action.BLOCK: (None, BLOCKED, None, None, None, None),
    Action.RELEASE: (None, PENDING, None, None, None, None),
    Action.STOP: (None, CANCELLED, None, None, None, None),
    Action.ANSWER: (None, None, PENDING, None, None, None),
    Action.CANCEL: (CANCELLED, IN_PROGRESS, CANCELLED, None, None, None),
    Action.RETRY: (None, None, None, None, PENDING, None),
}
STATES = (PENDING, IN_PROGRESS, BLOCKED, COMPLETED, FAILED, CANCELLED)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("status", TaskStatus)
def test_an_action_leads_where_the_table_says(status: TaskStatus, action: Action) -> None:
    assert move(status, action) is TABLE[action][STATES.index(status)]


@pytest.mark.parametrize("action", Action)
def test_sources_and_target_agree_with_the_table(action: Action) -> None:
    allowed = {status for status, end in zip(STATES, TABLE[action], strict=True) if end is not None}
    assert sources(action) == allowed
    for status in allowed:
        assert target(action, status) is move(status, action)


def test_a_target_that_depends_on_the_state_needs_the_state() -> None:
    with pytest.raises(LookupError):
        target(Action.CANCEL)
    with pytest.raises(LookupError):
        target(Action.CLAIM, COMPLETED)


def test_completed_and_cancelled_tasks_stay_what_they_are() -> None:
    assert set(FINISHED) == {COMPLETED, FAILED, CANCELLED}
    for status in (COMPLETED, CANCELLED):
        assert [action for action in Action if move(status, action)] == []
