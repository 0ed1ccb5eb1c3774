"""What people do with schedules: make, change, pause, delete."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import UNSET

from agentops.wire import (
    NewSchedule,
    NewTask,
    Schedule,
    ScheduledNotice,
    SchedulePatch,
    ScheduleStatus,
)
from ledger.caller import Caller
from ledger.engine import LedgerEngine, Row
from ledger.errors import ScheduleNotFound, ValidationFailed, VersionConflict
from ledger.events import outbox
from ledger.ids import checked, zoned
from ledger.schedules import tables
from ledger.schedules.rows import payload_of, schedule_of
from ledger.schedules.times import first_run, zone_of

GRACE = timedelta(minutes=1)
"""How far `at` may lie back: it is meant for now, and clocks differ."""

_PLAN = """name = $2, cron = $3, at = $4, time_zone = $5, task = $6, notice = $7, missed = $8, status = $9,
    next_run_at = $10"""
_CREATE = """INSERT INTO schedule (name, cron, at, time_zone, task, notice, missed, status, next_run_at,
    created_by) VALUES ($2, $3, $4, $5, $6, $7, $8, $9, $10, $1) RETURNING *"""
_UPDATE = f"""UPDATE schedule SET {_PLAN}, version = version + 1, updated_at = statement_timestamp(),
    last_error = NULL WHERE id = $1 RETURNING *"""  # noqa: S608
_LOCK = "SELECT *, statement_timestamp() AS now FROM schedule WHERE id = $1 FOR UPDATE"
_DELETE = "DELETE FROM schedule WHERE id = $1 RETURNING *"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen when."""

    name: str
    cron: str | None
    at: datetime | None
    time_zone: str
    task: dict[str, Any] | None
    notice: dict[str, Any] | None
    missed: str
    paused: bool = False

    def checked(self) -> "Plan":
        """This plan, if it can be followed.

        Raises:
            ValidationFailed: it has not one time and one thing to do, or is about a date.
        """
        if (self.cron is None) == (self.at is None):
            raise ValidationFailed("cron: say when, either by `cron` or by `at`")
        if (self.task is None) == (self.notice is None):
            raise ValidationFailed("task: say what, either by `task` or by `notice`")
        for name in ("due_at", "run_after"):
            if (self.task or {}).get(name) is not None:
                raise ValidationFailed(f"task.{name}: a date cannot be part of what is done again and again")
        zoned(self.at, "at")
        return self

    def next_run_at(self, now: datetime) -> datetime:
        """When it is due first.

        Raises:
            ValidationFailed: never, or that time is over.
        """
        zone = zone_of(self.time_zone)
        if self.cron is not None:
            return first_run(self.cron, zone, now)
        if self.at is None or self.at < now - GRACE:
            raise ValidationFailed(f"at: this time is over; it is {now:%Y-%m-%dT%H:%M:%SZ}")
        return self.at

    def values(self, now: datetime) -> tuple[Any, ...]:
        """For the statements of this module, behind their first argument."""
        due = self.next_run_at(now)
        status = ScheduleStatus.PAUSED if self.paused else ScheduleStatus.ACTIVE
        return (
            self.name, self.cron, self.at, self.time_zone, self.task, self.notice, self.missed,
            str(status), None if self.paused else due,
        )  # fmt: skip


async def create_schedule(caller: Caller, new: NewSchedule) -> Schedule:
    """Writes a schedule down; it is active at once.

    Raises:
        ValidationFailed: it says no time that comes, or nothing to do, or more than one of either.
    """
    caller.need()
    plan = Plan(
        new.name, new.cron, new.at, new.time_zone, _json(new.task), _json(new.notice), str(new.missed)
    ).checked()
    await _possible(caller.db, plan.task)
    async with caller.db.joined():
        row = await caller.db.row(_CREATE, caller.name, *plan.values(await _now(caller.db)))
        return await _told(caller, "schedule.created", row)


def _json(body: NewTask | ScheduledNotice | None) -> dict[str, Any] | None:
    made: dict[str, Any] | None = msgspec.to_builtins(body)
    return made


async def _possible(db: LedgerEngine, task: dict[str, Any] | None) -> None:
    """Refuses a template that could not be followed today; tomorrow, its project may still be gone."""
    if task is None:
        return
    ids = [task.get("project_id"), task.get("parent_id"), *task["depends_on"], *task["attachments"]]
    checked(ids, "task")
    project_id = task.get("project_id")
    if project_id is not None and await db.row("SELECT 1 FROM project WHERE id = $1", project_id) is None:
        raise ValidationFailed("task.project_id: no project has this id")


async def _now(db: LedgerEngine) -> datetime:
    row = await db.row("SELECT statement_timestamp() AS now")
    if row is None:
        raise LookupError("a function without a row")
    now: datetime = row["now"]
    return now


async def update_schedule(caller: Caller, schedule_id: str, patch: SchedulePatch) -> Schedule:
    """Changes what the patch names; its next run is found anew.

    Raises:
        ScheduleNotFound: there is none with this id.
        VersionConflict: the patch names a version, and the schedule has a newer one.
        ValidationFailed: what comes of it cannot be followed.
    """
    caller.need()
    async with caller.db.joined():
        row = await caller.db.row(_LOCK, schedule_id)
        if row is None:
            raise _missing(schedule_id)
        if patch.version is not UNSET and patch.version != row["version"]:
            raise VersionConflict(
                f"the schedule has version {row['version']}, not {patch.version}",
                current={"version": row["version"], "status": row["status"]},
            )
        before = _plan_of(row)
        plan = _patched(before, patch).checked()
        if plan == before:
            return schedule_of(row)
        await _possible(caller.db, plan.task)
        changed = await caller.db.row(_UPDATE, schedule_id, *plan.values(row["now"]))
        return await _told(caller, "schedule.updated", changed)


def _plan_of(row: Row) -> Plan:
    fields = {name: row[name] for name in Plan.__dataclass_fields__ if name != "paused"}
    return Plan(paused=row["status"] == ScheduleStatus.PAUSED, **fields)


_OTHER = {"cron": "at", "at": "cron", "task": "notice", "notice": "task"}


def _patched(plan: Plan, patch: SchedulePatch) -> Plan:
    given = {name: getattr(patch, name) for name in Plan.__dataclass_fields__}
    changes = {name: msgspec.to_builtins(value) for name, value in given.items() if value is not UNSET}
    if patch.at is not UNSET:
        changes["at"] = patch.at  # a time stays a time
    ended: dict[str, Any] = {_OTHER[name]: None for name in changes if name in _OTHER}
    return replace(plan, **ended | changes)


async def delete_schedule(caller: Caller, schedule_id: str) -> None:
    """Ends a schedule; the tasks that it made stay.

    Raises:
        ScheduleNotFound: there is none with this id.
    """
    caller.need()
    async with caller.db.joined():
        row = await caller.db.row(_DELETE, schedule_id)
        if row is None:
            raise _missing(schedule_id)
        await _told(caller, "schedule.deleted", row)


async def _told(caller: Caller, kind: str, row: Row | None) -> Schedule:
    if row is None:
        raise LookupError("a write without a row")
    await outbox.write(caller, kind, row["id"], payload_of(row))
    return schedule_of(row)


def _missing(schedule_id: str) -> ScheduleNotFound:
    return ScheduleNotFound(f"no schedule has the id {schedule_id}")


async def get_schedule(db: LedgerEngine, schedule_id: str) -> Schedule:
    """One schedule.

    Raises:
        ScheduleNotFound: there is none with this id.
    """
    rows = await db.select(tables.Schedule.select().where(tables.Schedule.id == schedule_id))
    if not rows:
        raise _missing(schedule_id)
    return schedule_of(rows[0])


_LIST = """SELECT * FROM schedule WHERE $1::text IS NULL OR status = $1
    ORDER BY next_run_at NULLS LAST, lower(name), id LIMIT 1000"""


async def list_schedules(db: LedgerEngine, status: ScheduleStatus | None) -> list[Schedule]:
    """Schedules, those that are due next first."""
    rows = await db.rows(_LIST, None if status is None else str(status))
    return [schedule_of(row) for row in rows]
