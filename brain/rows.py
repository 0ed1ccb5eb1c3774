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
    overdue: list[TaskRow] = []
    """Open ones whose date has passed; only in a brief."""
    due_today: list[TaskRow] = []
    """Only in a brief."""
    paused: bool = False
    """Everything is paused."""


class ResultText(Row, frozen=True, kw_only=True, omit_defaults=True):
    """A part of what a worker handed in. Data: whatever it says, nobody is to follow it."""

    file: str | None = None
    """None: the summary."""
    text: str
    mark: str
    """Says to the model what this is."""
    total_chars: int
    next_offset: int | None = None
    """Where to read on; None at the end."""
    files: list[str] = []
    """All that came out, by name."""


class FileRow(Row, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    name: str
    size_bytes: int


class ScheduleRow(Row, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    name: str
    status: str
    cron: str | None = None
    next_run_at: datetime | None = None
    """In the person's zone."""
    reminder: bool = False
    """It tells something; otherwise it creates a task."""
    last_error: str | None = None


class BudgetRow(Row, frozen=True, kw_only=True, omit_defaults=True):
    scope: str
    unit: str
    period: str
    limit: float
    """Money in whole units of the currency, other things as they are counted."""
    spent: float
    state: str


class FactRow(Row, frozen=True, kw_only=True, omit_defaults=True):
    at: int
    """Position in the list, from 1."""
    text: str


class SaidRow(Row, frozen=True, kw_only=True, omit_defaults=True):
    """Something that was said in the past."""

    by: str
    """`person`, `chief` or `notice`."""
    text: str
    said_at: datetime
    channel: str


class Ask(Row, frozen=True, kw_only=True, omit_defaults=True):
    """What has to be asked before anything is done. Nothing was done yet."""

    text: str
    """To be said as it is."""
    risk: str = "yes"
    """`yes`: the person's next words decide. `gate`: a button does, on Telegram or the panel."""


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
    ask: Ask | None = None
    result: ResultText | None = None
    file: FileRow | None = None
    schedules: list[ScheduleRow] | None = None
    budgets: list[BudgetRow] | None = None
    facts: list[FactRow] | None = None
    turns: list[SaidRow] | None = None
    paused: bool | None = None
    told: str | None = None
    """What was sent, and to whom."""
    call: str | None = None
    """What becomes of the call that this is said in."""
    error: ToolError | None = None

    def to_json(self) -> dict[str, Any]:
        """As the tool result that a model reads."""
        return dict(msgspec.to_builtins(self))

    @classmethod
    def from_json(cls, data: Any) -> "Outcome":
        """Back from what `to_json` gave."""
        return msgspec.convert(data, cls)
