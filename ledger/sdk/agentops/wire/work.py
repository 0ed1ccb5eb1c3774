"""What a worker says: claims, heartbeats, endings."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta

from agentops.wire.artifacts import Artifact
from agentops.wire.base import GateKind, LeaseSeconds, Line, Request, Response, Slug, TaskId, Text
from agentops.wire.gates import Gate
from agentops.wire.system import Stopped
from agentops.wire.tasks import Task


class ClaimRequest(Request, frozen=True):
    agent: Slug
    version: int
    """The version that the caller saw; another in the ledger answers `version_conflict`."""
    lease_s: LeaseSeconds = 60


class ClaimNextRequest(Request, frozen=True):
    agent: Slug
    n: Annotated[int, Meta(ge=1, le=500)] = 1
    capabilities: Annotated[list[Slug], Meta(max_length=50)] = []
    lease_s: LeaseSeconds = 60
    only_matching: bool = False
    """Leave tasks that ask for no capability to others, as a specialist does."""


class Claim(Response, frozen=True):
    """A held lease. Every write of its worker carries `epoch`."""

    task: Task
    epoch: int
    lease_expires_at: datetime
    inputs: list[Artifact]
    answers: list[Gate]
    """Gates of this task that were answered, oldest first."""


class Claims(Response, frozen=True):
    claims: list[Claim]
    paused: bool = False
    """Nothing is given out: everything is paused."""
    stopped: list[Stopped] = []
    """Spent budgets, whose tasks were passed over. Told when there are fewer claims than were asked for."""


class Heartbeat(Request, frozen=True):
    epoch: int
    lease_s: LeaseSeconds = 60
    progress: Annotated[float, Meta(ge=0, le=1)] | None = None
    note: Line | None = None
    """What is being done now; with `progress`, it becomes a `task.progress` event."""


class LeaseState(Response, frozen=True):
    lease_expires_at: datetime
    cancel_requested: bool
    paused: bool = False
    """Everything is paused: bring this to a safe stop, and release it if that is possible."""


class Complete(Request, frozen=True):
    epoch: int
    result: dict[str, Any] = {}


class Fail(Request, frozen=True):
    epoch: int
    error: Text
    retryable: bool = True
    """False ends the task at once; True tries again while attempts are left."""


class Block(Request, frozen=True):
    epoch: int
    question: Annotated[str, Meta(min_length=1, max_length=10_000, pattern=r"^[^\x00]*$")]
    kind: GateKind = GateKind.QUESTION
    options: Annotated[list[Line], Meta(max_length=10)] = []
    expires_in_s: Annotated[int, Meta(ge=1)] | None = None


class Release(Request, frozen=True):
    epoch: int
    reason: Line = ""
    wait_for: Annotated[list[TaskId], Meta(max_length=100)] = []
    """Parts of this task: nobody claims it again before each of them has ended, well or not."""


class Cancel(Request, frozen=True):
    reason: Line = ""
    epoch: int | None = None
    """Only from the worker that holds the task: it has stopped, as asked."""


class Retry(Request, frozen=True):
    """Failed → pending, by hand, with its attempts counted anew."""

    reason: Line = ""
