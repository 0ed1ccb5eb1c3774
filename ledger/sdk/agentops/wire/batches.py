"""Many tasks in one request: one trip, one commit."""

from typing import Annotated, Any

from msgspec import Meta

from agentops.wire.base import Request, Response, TaskId, TaskStatus
from agentops.wire.tasks import NewTask, Task
from agentops.wire.work import ClaimNextRequest, Claims

MAX_BATCH = 500


class CreateBatch(Request, frozen=True):
    """All of them are created, in this order, or none is."""

    tasks: Annotated[list[NewTask], Meta(min_length=1, max_length=MAX_BATCH)]


class Tasks(Response, frozen=True):
    tasks: list[Task]


class CompleteItem(Request, frozen=True):
    task_id: TaskId
    epoch: int
    result: dict[str, Any] = {}


class CompleteBatch(Request, frozen=True):
    """Each is fenced by its own epoch; one that is refused leaves the others as they are."""

    items: Annotated[list[CompleteItem], Meta(min_length=1, max_length=MAX_BATCH)]


class BatchOutcome(Response, frozen=True):
    """What became of one item."""

    task_id: TaskId
    done: bool
    status: TaskStatus | None = None
    """How the task stands now; None if there is no such task."""
    version: int | None = None
    code: str | None = None
    """Why not, as the `code` of a problem: `stale_claim`, `forbidden` or `task_not_found`."""
    detail: str | None = None


class BatchOutcomes(Response, frozen=True):
    outcomes: list[BatchOutcome]
    """In the order of the items."""


class Settle(ClaimNextRequest, frozen=True):
    """What is done goes, and the next work comes: `complete-batch` and `claim-next` in one."""

    items: Annotated[list[CompleteItem], Meta(max_length=MAX_BATCH)] = []


class Settled(Claims, frozen=True):
    outcomes: list[BatchOutcome] = []
    """In the order of the items."""
