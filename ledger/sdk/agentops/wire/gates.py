"""Gates: what a task asks of the person."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from agentops.wire.base import GateId, GateKind, GateStatus, Line, Request, Response, TaskId


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
