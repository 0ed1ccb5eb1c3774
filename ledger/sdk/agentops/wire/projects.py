"""Projects."""

from datetime import datetime

from msgspec import UNSET, UnsetType

from agentops.wire.base import Name, ProjectId, Request, Response, Text


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
