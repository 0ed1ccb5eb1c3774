"""What work costs, and what it may cost. Every amount is a whole number: there are no floats in money."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, NewType

from msgspec import UNSET, Meta, UnsetType

from agentops.wire.base import Line, ProjectId, Request, Response, Slug, TaskId
from agentops.wire.people import TimeZone

BudgetId = NewType("BudgetId", str)

Amount = Annotated[int, Meta(ge=0, le=10**12)]
"""Tokens, seconds, or millionths of the currency that the installation counts in."""
Model = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class UsageKind(StrEnum):
    """What was used up."""

    TOKENS_IN = "tokens_in"
    TOKENS_OUT = "tokens_out"
    MONEY = "money"
    """In millionths: 1.50 is 1_500_000."""
    CALL_SECONDS = "call_seconds"


class UsageGroup(StrEnum):
    """What sums are formed by."""

    DAY = "day"
    PROJECT = "project"
    AGENT = "agent"
    MODEL = "model"
    TASK = "task"
    SESSION = "session"


class BudgetScope(StrEnum):
    """Whose usage counts."""

    ALL = "all"
    PROJECT = "project"
    AGENT = "agent"
    TASK = "task"


class BudgetUnit(StrEnum):
    """What is limited; `TOKENS` are those in and those out together."""

    TOKENS = "tokens"
    MONEY = "money"
    CALL_SECONDS = "call_seconds"


class BudgetPeriod(StrEnum):
    """When the count begins anew: at midnight, on the first of the month, never."""

    DAY = "day"
    MONTH = "month"
    TOTAL = "total"


class BudgetState(StrEnum):
    """`WARNING` from 80% on, `EXHAUSTED` from 100% on: then nothing under it can be claimed."""

    OK = "ok"
    WARNING = "warning"
    EXHAUSTED = "exhausted"


class UsageRecord(Request, frozen=True):
    """Something that was used. A task's project comes with the task."""

    kind: UsageKind
    amount: Amount
    task_id: TaskId | None = None
    project_id: ProjectId | None = None
    agent: Slug | None = None
    session: Slug | None = None
    model: Model | None = None
    at: datetime | None = None
    """When it was used; now, if it is not said."""


class NewUsage(Request, frozen=True):
    """A worker reports for tasks that it holds, before it ends them; administrators report anything."""

    records: Annotated[list[UsageRecord], Meta(min_length=1, max_length=500)]


class UsageSum(Response, frozen=True):
    """One group's sums; `group` is a day as 2026-01-31, an id or a name, or None for what has none."""

    group: str | None
    tokens_in: int
    tokens_out: int
    money: int
    call_seconds: int


class NewBudget(Request, frozen=True):
    scope: BudgetScope
    unit: BudgetUnit
    period: BudgetPeriod
    limit: Annotated[int, Meta(ge=1, le=10**15)]
    """In the unit; money in millionths."""
    scope_id: Line | None = None
    """The project's or task's id, or the agent's name; None for `all`."""
    time_zone: TimeZone = "UTC"
    """Whose midnight begins the period."""
    name: Line = ""


class BudgetPatch(Request, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=10**15)] | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    name: Line | UnsetType = UNSET
    version: int | UnsetType = UNSET
    """The version that the caller saw; a newer one in the ledger answers `version_conflict`."""


class Budget(Response, frozen=True):
    """A limit and how much of it the present period has used."""

    id: BudgetId
    name: str
    scope: BudgetScope
    scope_id: str | None
    unit: BudgetUnit
    period: BudgetPeriod
    limit: int
    spent: int
    """May exceed the limit: what was used is counted, whatever it was allowed to be."""
    state: BudgetState
    time_zone: str
    period_start: datetime | None
    period_end: datetime | None
    """None if it never begins anew."""
    version: int
    created_by: str
    created_at: datetime
    updated_at: datetime


class UsageRecorded(Response, frozen=True):
    recorded: int
    budgets: list[Budget]
    """Those that this usage counts for, as they stand now."""
