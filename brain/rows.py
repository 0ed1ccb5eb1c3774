"""What the chief's tools answer: rows of the ledger, cut to what a conversation needs.

The tools encode them to JSON for whichever model asks; the offline model decodes them again.
"""

from datetime import datetime
from typing import Any

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of what a model sees. Defaults are left out, since every field costs tokens."""


class TaskRow(Row, frozen=True, kw_only=True, omit_defaults=True):
    number: int
    id: str
    title: str
    status: str
    priority: str
    project: str | None = None
    description: str | None = None
    due_at: datetime | None = None
    assigned_to: str | None = None
    progress: float | None = None
    """0 to 1."""
    progress_note: str | None = None
    question: str | None = None
    """What the worker asks the person; the task waits for the answer."""
    options: list[str] = []
    error: str | None = None
    summary: str | None = None
    """What came out, in the worker's words."""
    artifacts: list[str] = []
    """Names of the files that came out."""
    cancel_requested: bool = False
    finished_at: datetime | None = None


class ProjectRow(Row, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    name: str
    description: str | None = None
    task_counts: dict[str, int] = {}


class AgentRow(Row, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    status: str
    tasks: list[int] = []
    """Numbers of the tasks that it works on."""
    capabilities: list[str] = []
    last_seen_at: datetime | None = None


class Overview(Row, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to "what is going on?", as of now."""

    counts: dict[str, int] = {}
    """Number of tasks by status."""
    agents_online: int = 0
    running: list[TaskRow] = []
    waiting_for_person: list[TaskRow] = []
    next_up: list[TaskRow] = []
    recently_completed: list[TaskRow] = []
    recently_failed: list[TaskRow] = []


class ToolError(Row, frozen=True, kw_only=True, omit_defaults=True):
    code: str
    detail: str


class Outcome(Row, frozen=True, kw_only=True, omit_defaults=True):
    """The result of any tool: what was done, and the rows that prove it."""

    done: str | None = None
    """The event type of the change: `task.created`; None when the tool only read."""
    task: TaskRow | None = None
    project: ProjectRow | None = None
    tasks: list[TaskRow] | None = None
    more: bool = False
    """There are more tasks than those listed."""
    projects: list[ProjectRow] | None = None
    agents: list[AgentRow] | None = None
    overview: Overview | None = None
    error: ToolError | None = None

    def to_json(self) -> dict[str, Any]:
        """As the tool result that a model reads."""
        return dict(msgspec.to_builtins(self))

    @classmethod
    def from_json(cls, data: Any) -> "Outcome":
        """Back from what `to_json` gave."""
        return msgspec.convert(data, cls)
