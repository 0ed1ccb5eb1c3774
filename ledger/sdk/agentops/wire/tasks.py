"""Tasks and their attempts."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from agentops.wire.base import (
    ArtifactId,
    Line,
    Name,
    Priority,
    ProjectId,
    Request,
    Response,
    Slug,
    TaskId,
    TaskStatus,
    Text,
)


class NewTask(Request, frozen=True):
    title: Name
    description: Text = ""
    acceptance_criteria: Annotated[list[Line], Meta(max_length=50)] = []
    priority: Priority = Priority.MEDIUM
    project_id: ProjectId | None = None
    parent_id: TaskId | None = None
    parent_epoch: int | None = None
    """With `parent_id`, from a worker: the claim under which it splits the work up."""
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
    depends_on: Annotated[list[TaskId], Meta(max_length=100)] | UnsetType = UNSET
    """Replaces all that the task waits for."""
    due_at: datetime | UnsetType | None = UNSET
    run_after: datetime | UnsetType | None = UNSET
    estimated_hours: Annotated[float, Meta(ge=0, le=10_000)] | UnsetType | None = UNSET
    version: int | UnsetType = UNSET
    """The version that the caller saw; a newer one in the ledger answers `version_conflict`."""


class TaskSort(StrEnum):
    """What a list of tasks is ordered by; equal ones by their number."""

    CREATED = "created"
    UPDATED = "updated"
    PRIORITY = "priority"
    DUE = "due"
    """Tasks without a date come last."""


class SortOrder(StrEnum):
    """`DESC`: the newest, the most urgent, the latest first."""

    ASC = "asc"
    DESC = "desc"


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
