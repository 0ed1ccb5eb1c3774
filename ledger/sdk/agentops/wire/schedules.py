"""Schedules: what the ledger does by itself at a time, once or again and again."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, NewType

from msgspec import UNSET, Meta, UnsetType

from agentops.wire.base import Name, Request, Response, Slug, TaskId
from agentops.wire.people import TimeZone
from agentops.wire.tasks import NewTask

ScheduleId = NewType("ScheduleId", str)

Cron = Annotated[str, Meta(min_length=9, max_length=100, pattern=r"^[0-9A-Za-z*,/# -]+$")]
"""Five fields: minute, hour, day of month, month, day of week, as in `30 8 * * MON-FRI`."""


class ScheduleStatus(StrEnum):
    """`FINISHED` is a schedule for one time that has come."""

    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"


class MissedRuns(StrEnum):
    """What becomes of runs whose time passed while the ledger was down or everything was paused."""

    ONCE = "once"
    """However many were missed, one run makes up for them, as soon as it can."""
    SKIP = "skip"
    """A run that is more than five minutes late is left out."""


class ScheduledNotice(Request, frozen=True):
    """News for a session, told through the event `schedule.fired`."""

    session: Slug
    text: Annotated[str, Meta(min_length=1, max_length=10_000, pattern=r"^[^\x00]*$")]


class NewSchedule(Request, frozen=True):
    """`cron` or `at`, and `task` or `notice`: one of each pair.

    Local times follow the clocks of `time_zone`. A time that the clocks skip in spring runs when they
    have moved on; one that they pass twice in autumn runs the first time only. Patterns whose minute or
    hour begins with `*` run by elapsed time instead, every time that the clock shows such an hour.
    """

    name: Name
    cron: Cron | None = None
    at: datetime | None = None
    """For one run."""
    time_zone: TimeZone = "UTC"
    """Whose clock `cron` means."""
    task: NewTask | None = None
    """The task that each run creates. It has no `due_at` and no `run_after`: they are dates."""
    notice: ScheduledNotice | None = None
    missed: MissedRuns = MissedRuns.ONCE


class SchedulePatch(Request, frozen=True):
    """Setting `cron` ends `at`, setting `task` ends `notice`, and the other way round."""

    name: Name | UnsetType = UNSET
    cron: Cron | UnsetType = UNSET
    at: datetime | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    task: NewTask | UnsetType = UNSET
    notice: ScheduledNotice | UnsetType = UNSET
    missed: MissedRuns | UnsetType = UNSET
    paused: bool | UnsetType = UNSET
    """A schedule that goes on after a pause does not make up for what it missed meanwhile."""
    version: int | UnsetType = UNSET
    """The version that the caller saw; a newer one in the ledger answers `version_conflict`."""


class Schedule(Response, frozen=True):
    id: ScheduleId
    name: str
    cron: str | None
    at: datetime | None
    time_zone: str
    task: dict[str, Any] | None
    """A `NewTask` as JSON; a newer ledger's may have more fields."""
    notice: dict[str, Any] | None
    missed: str
    status: ScheduleStatus
    next_run_at: datetime | None
    """None while it is paused, and when it is finished."""
    last_run_at: datetime | None
    last_task_id: TaskId | None
    last_error: str | None
    """Why the last run made nothing, such as a project that is gone."""
    runs: int
    version: int
    created_by: str
    created_at: datetime
    updated_at: datetime


class RunSchedule(Request, frozen=True):
    """Run it now, besides its times."""
