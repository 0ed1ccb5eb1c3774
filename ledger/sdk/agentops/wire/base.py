"""Names, sizes and words that every other body is built from; pages and problems."""

from enum import StrEnum
from typing import Annotated, Any, Generic, NewType, TypeVar

import msgspec
from msgspec import Meta

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
