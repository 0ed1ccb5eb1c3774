"""The event log."""

from datetime import datetime
from typing import Any

from agentops.wire.base import ProjectId, Response, TaskId


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
    (created, updated: run_after; completed: result; failed: error; blocked: gate_id, question, options;
    progress: progress, note)."""
    traceparent: str | None
    at: datetime


class Events(Response, frozen=True):
    events: list[Event]
    cursor: str
    """Where to go on; equal to the request's `after` when nothing was new."""
