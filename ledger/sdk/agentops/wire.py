"""The ledger's wire types: every request and response body, as frozen msgspec Structs.

The ledger and its clients share this module and nothing else. Times are timezone-aware UTC, ids are
UUID strings, durations carry their unit in the name. Requests refuse unknown fields; responses
tolerate them, so that an older client can read a newer ledger.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, NewType, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

ProjectId = NewType("ProjectId", str)
TaskId = NewType("TaskId", str)
GateId = NewType("GateId", str)
ArtifactId = NewType("ArtifactId", str)

# PostgreSQL's text holds no NUL, so no string of the API may.
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Line = Annotated[str, Meta(max_length=500, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Meta(max_length=100_000, pattern=r"^[^\x00]*$")]
Slug = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$")]
LeaseSeconds = Annotated[int, Meta(ge=1, le=3600)]


class TaskStatus(StrEnum):
    """Where a task stands; ledger.tasks.states holds the table of moves between them."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Priority(StrEnum):
    """How soon a task is claimed; `CRITICAL` before all else."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class GateKind(StrEnum):
    """What a gate asks of the person: an answer in words, or a yes or no."""

    QUESTION = "question"
    APPROVAL = "approval"


class GateStatus(StrEnum):
    """A gate is answered at most once."""

    OPEN = "open"
    ANSWERED = "answered"
    EXPIRED = "expired"


class AgentStatus(StrEnum):
    """`OFFLINE` after three missed heartbeats."""

    ONLINE = "online"
    OFFLINE = "offline"


class Scope(StrEnum):
    """What a key may do: all; work on tasks that it holds; read."""

    ADMIN = "admin"
    AGENT = "agent"
    READER = "reader"


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every request body."""


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every response body."""


# --- projects


class NewProject(Request, frozen=True):
    name: Name
    description: Text = ""


class ProjectPatch(Request, frozen=True):
    name: Name | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    version: int | UnsetType = UNSET
    """The version that the caller saw; a newer one in the ledger answers `version_conflict`."""


class Project(Response, frozen=True):
    id: ProjectId
    name: str
    description: str
    version: int
    task_counts: dict[str, int]
    """Number of tasks by status."""
    created_by: str
    created_at: datetime
    updated_at: datetime


# --- tasks


class NewTask(Request, frozen=True):
    title: Name
    description: Text = ""
    acceptance_criteria: Annotated[list[Line], Meta(max_length=50)] = []
    priority: Priority = Priority.MEDIUM
    project_id: ProjectId | None = None
    parent_id: TaskId | None = None
    depends_on: Annotated[list[TaskId], Meta(max_length=100)] = []
    attachments: Annotated[list[ArtifactId], Meta(max_length=100)] = []
    """Artifacts uploaded beforehand; they become the task's inputs."""
    capabilities: Annotated[list[Slug], Meta(max_length=20)] = []
    """What a worker must offer to claim it; empty means anyone."""
    origin: Line | None = None
    """Opaque to the ledger: the session that asked."""
    context: dict[str, Any] = {}
    estimated_hours: Annotated[float, Meta(ge=0, le=10_000)] | None = None
    due_at: datetime | None = None
    run_after: datetime | None = None
    max_attempts: Annotated[int, Meta(ge=1, le=20)] = 3


class TaskPatch(Request, frozen=True):
    title: Name | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    acceptance_criteria: Annotated[list[Line], Meta(max_length=50)] | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    project_id: ProjectId | UnsetType | None = UNSET
    due_at: datetime | UnsetType | None = UNSET
    run_after: datetime | UnsetType | None = UNSET
    estimated_hours: Annotated[float, Meta(ge=0, le=10_000)] | UnsetType | None = UNSET
    version: int | UnsetType = UNSET
    """The version that the caller saw; a newer one in the ledger answers `version_conflict`."""


class Task(Response, frozen=True):
    id: TaskId
    number: int
    """Short, for people: "task 12"."""
    project_id: ProjectId | None
    parent_id: TaskId | None
    title: str
    description: str
    acceptance_criteria: list[str]
    priority: Priority
    status: TaskStatus
    blocked_reason: str | None
    error: str | None
    """Why the last attempt failed."""
    version: int
    assigned_to: str | None
    origin: str | None
    context: dict[str, Any]
    result: dict[str, Any] | None
    """`{"summary": str, …}` once completed; further keys belong to the worker."""
    progress: float | None
    """0 to 1, as the worker last said."""
    progress_note: str | None
    estimated_hours: float | None
    due_at: datetime | None
    run_after: datetime | None
    capabilities: list[str]
    depends_on: list[TaskId]
    attempt: int
    """How many times it was claimed."""
    max_attempts: int
    claim_epoch: int
    cancel_requested: bool
    created_by: str
    updated_by: str
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Attempt(Response, frozen=True):
    """One claim of a task and how it ended."""

    task_id: TaskId
    epoch: int
    agent: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    """completed, failed, blocked, released, cancelled or lease_expired; None while it runs."""
    error: str | None


# --- gates


class Gate(Response, frozen=True):
    id: GateId
    task_id: TaskId
    kind: GateKind
    question: str
    options: list[str]
    status: GateStatus
    answer: str | None
    answered_by: str | None
    created_at: datetime
    answered_at: datetime | None
    expires_at: datetime | None


class GateAnswer(Request, frozen=True):
    answer: Annotated[str, Meta(min_length=1, max_length=10_000, pattern=r"^[^\x00]*$")]
    by: Line | None = None
    """Who answered, as the event log should name them."""


# --- work


class ClaimRequest(Request, frozen=True):
    agent: Slug
    version: int
    """The version that the caller saw; another in the ledger answers `version_conflict`."""
    lease_s: LeaseSeconds = 60


class ClaimNextRequest(Request, frozen=True):
    agent: Slug
    n: Annotated[int, Meta(ge=1, le=100)] = 1
    capabilities: Annotated[list[Slug], Meta(max_length=50)] = []
    lease_s: LeaseSeconds = 60


class Artifact(Response, frozen=True):
    id: ArtifactId
    task_id: TaskId | None
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    """Hex."""
    kind: str
    """`input` (given by the person) or `output` (made by a worker)."""
    created_by: str
    created_at: datetime


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


class Heartbeat(Request, frozen=True):
    epoch: int
    lease_s: LeaseSeconds = 60
    progress: Annotated[float, Meta(ge=0, le=1)] | None = None
    note: Line | None = None
    """What is being done now; with `progress`, it becomes a `task.progress` event."""


class LeaseState(Response, frozen=True):
    lease_expires_at: datetime
    cancel_requested: bool


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


class Cancel(Request, frozen=True):
    reason: Line = ""
    epoch: int | None = None
    """Only from the worker that holds the task: it has stopped, as asked."""


class Retry(Request, frozen=True):
    """Failed → pending, by hand, with its attempts counted anew."""

    reason: Line = ""


# --- agents


class NewAgent(Request, frozen=True):
    name: Slug
    kind: Slug = "seed"
    capabilities: Annotated[list[Slug], Meta(max_length=50)] = []
    software: Line = ""
    """Name and version of the worker program."""


class HeldLease(Request, frozen=True):
    task_id: TaskId
    epoch: int


class AgentHeartbeat(Request, frozen=True):
    leases: Annotated[list[HeldLease], Meta(max_length=100)] = []
    lease_s: LeaseSeconds = 60


class AgentHeartbeatResult(Response, frozen=True):
    renewed: list[TaskId]
    lost: list[TaskId]
    """Leases that another holds now, or nobody: stop that work, write nothing."""
    cancel: list[TaskId]
    """Renewed, but the person wants it stopped: stop, then cancel with the epoch."""


class Agent(Response, frozen=True):
    name: str
    kind: str
    status: AgentStatus
    capabilities: list[str]
    software: str
    current_tasks: list[TaskId]
    last_seen_at: datetime
    created_at: datetime


# --- events


class Event(Response, frozen=True):
    cursor: str
    """Opaque; `after=cursor` continues behind this event."""
    type: str
    entity_type: str
    entity_id: str
    task_id: TaskId | None
    project_id: ProjectId | None
    actor: str
    payload: dict[str, Any]
    """For `task.*`: number, title, status, priority, version, origin, assigned_to, and what the type adds
    (completed: result; failed: error; blocked: gate_id, question, options; progress: progress, note)."""
    traceparent: str | None
    at: datetime


class Events(Response, frozen=True):
    events: list[Event]
    cursor: str
    """Where to go on; equal to the request's `after` when nothing was new."""


# --- conversations


class NewTurn(Request, frozen=True):
    """One thing that was said, for the record. Recording the same `id` again changes nothing."""

    id: Slug
    role: Slug
    """`person`, `chief` or `notice`."""
    channel: Slug
    text: Text
    attachments: Annotated[list[ArtifactId], Meta(max_length=100)] = []
    reply_to: Slug | None = None
    task_id: TaskId | None = None
    said_at: datetime | None = None


class TurnRecord(Response, frozen=True):
    id: str
    session_id: str
    seq: int
    """Order within the ledger; `after=seq` pages on."""
    role: str
    channel: str
    text: str
    attachments: list[Artifact]
    reply_to: str | None
    task_id: TaskId | None
    said_at: datetime


class Session(Response, frozen=True):
    id: str
    last_turn_at: datetime
    turns: int


# --- access


class NewKey(Request, frozen=True):
    name: Name
    scope: Scope
    expires_in_s: Annotated[int, Meta(ge=1)] | None = None


class Key(Response, frozen=True):
    id: str
    name: str
    scope: Scope
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


class MintedKey(Key, frozen=True):
    """The only time that the secret is shown; its representation hides it, so that no log gets it."""

    secret: str

    def __repr__(self) -> str:
        return f"MintedKey(id={self.id!r}, name={self.name!r}, scope={self.scope.value!r}, secret=***)"


class NewLogin(Request, frozen=True):
    scope: Scope = Scope.ADMIN
    expires_in_s: Annotated[int, Meta(ge=1, le=86_400)] = 900


class Login(Response, frozen=True):
    """A one-time login: the token buys one key, once, before it expires."""

    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Login(token=***, expires_at={self.expires_at!r})"


class RedeemLogin(Request, frozen=True):
    token: Annotated[str, Meta(min_length=1, max_length=200)]

    def __repr__(self) -> str:
        return "RedeemLogin(token=***)"


# --- the rest


class Stats(Response, frozen=True):
    tasks: dict[str, int]
    """Number of tasks by status, every status present."""
    agents_online: int
    gates_open: int
    oldest_pending_s: float | None


class Health(Response, frozen=True):
    status: str
    """`ok` or `unavailable`."""
    checks: dict[str, str]
    """`database`, `redis`: `ok` or what is wrong."""


class Problem(Response, frozen=True):
    """RFC 9457. `code` is stable; `detail` is for people and says what to do."""

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    detail: str = ""
    code: str = "internal"
    instance: str | None = None
    errors: list[dict[str, Any]] = []
    """What was wrong where, for `validation_failed`."""
    current: dict[str, Any] | None = None
    """The state that refused the write, for `version_conflict`, `stale_claim`, `invalid_transition`."""


Item = TypeVar("Item")


class Page(Response, Generic[Item], frozen=True):
    items: list[Item]
    next: str | None = None
    """Opaque; `cursor=next` gives the page behind this one. None on the last."""
