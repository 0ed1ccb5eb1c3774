"""The life of a task: one table of what may happen in which state. Pure; the SQL is written from it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from agentops.wire import TaskStatus


class Action(StrEnum):
    """What can happen to a task."""

    CLAIM = "claim"
    COMPLETE = "complete"
    FAIL = "fail"
    """It failed for good: not retryable, or no attempts left."""
    TRY_AGAIN = "try_again"
    """An attempt failed or its lease expired, and attempts are left."""
    BLOCK = "block"
    RELEASE = "release"
    STOP = "stop"
    """The worker ends it because its cancellation was asked for."""
    ANSWER = "answer"
    """Its gate was answered, or expired."""
    CANCEL = "cancel"
    """The person does not want it any more; a running worker is asked to stop first."""
    RETRY = "retry"
    """By hand."""


MOVES: Mapping[tuple[TaskStatus, Action], TaskStatus] = MappingProxyType(
    {
        (TaskStatus.PENDING, Action.CLAIM): TaskStatus.IN_PROGRESS,
        (TaskStatus.PENDING, Action.CANCEL): TaskStatus.CANCELLED,
        (TaskStatus.IN_PROGRESS, Action.COMPLETE): TaskStatus.COMPLETED,
        (TaskStatus.IN_PROGRESS, Action.FAIL): TaskStatus.FAILED,
        (TaskStatus.IN_PROGRESS, Action.TRY_AGAIN): TaskStatus.PENDING,
        (TaskStatus.IN_PROGRESS, Action.BLOCK): TaskStatus.BLOCKED,
        (TaskStatus.IN_PROGRESS, Action.RELEASE): TaskStatus.PENDING,
        (TaskStatus.IN_PROGRESS, Action.STOP): TaskStatus.CANCELLED,
        (TaskStatus.IN_PROGRESS, Action.CANCEL): TaskStatus.IN_PROGRESS,
        (TaskStatus.BLOCKED, Action.ANSWER): TaskStatus.PENDING,
        (TaskStatus.BLOCKED, Action.CANCEL): TaskStatus.CANCELLED,
        (TaskStatus.FAILED, Action.RETRY): TaskStatus.PENDING,
    }
)

FINISHED = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})


def move(status: TaskStatus, action: Action) -> TaskStatus | None:
    """The state that `action` leads to, or None if it is not allowed in `status`."""
    return MOVES.get((status, action))


def sources(action: Action) -> frozenset[TaskStatus]:
    """The states in which `action` is allowed."""
    return frozenset(status for status, known in MOVES if known is action)


def target(action: Action, status: TaskStatus | None = None) -> TaskStatus:
    """Where `action` leads from `status`, or from anywhere if it always leads to one state.

    Raises:
        LookupError: `action` leads to more than one state and `status` was not given, or it is not
            allowed there.
    """
    ends = {end for (start, known), end in MOVES.items() if known is action and status in (None, start)}
    if len(ends) != 1:
        raise LookupError(f"{action} leads to {sorted(ends) or 'nothing'} from {status or 'anywhere'}")
    return ends.pop()
