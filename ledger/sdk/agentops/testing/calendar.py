"""Schedules over the wire, in memory. They run when time is let pass, and before each request."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import UNSET

from agentops import errors
from agentops.testing.asking import Asking, checked, zoned
from agentops.testing.budgets import zone_of
from agentops.testing.life import conflict
from agentops.testing.state import Caller, State
from agentops.testing.tasks import check, write_down
from agentops.wire import (
    Key,
    MissedRuns,
    NewSchedule,
    NewTask,
    Page,
    Schedule,
    ScheduleId,
    SchedulePatch,
    ScheduleStatus,
    Scope,
    Task,
)

GRACE = timedelta(minutes=1)
"""How far `at` may lie back: it is meant for now, and clocks differ."""
LATE = timedelta(minutes=5)
"""A run later than this was missed."""
_OTHER = {"cron": "at", "at": "cron", "task": "notice", "notice": "task"}


def create_schedule(asking: Asking) -> Schedule:
    asking.need()
    new, now = asking.read(NewSchedule), asking.state.clock()
    schedule = Schedule(
        id=ScheduleId(str(uuid.uuid4())), name=new.name, cron=new.cron, at=new.at, time_zone=new.time_zone,
        task=msgspec.to_builtins(new.task), notice=msgspec.to_builtins(new.notice), missed=new.missed.value,
        status=ScheduleStatus.ACTIVE, next_run_at=None, last_run_at=None, last_task_id=None, last_error=None,
        runs=0, version=1, created_by=asking.by.key.name, created_at=now, updated_at=now,
    )  # fmt: skip
    return _kept(asking, _planned(asking, schedule), "schedule.created")


def list_schedules(asking: Asking) -> Page[Schedule]:
    status, last = asking.query.get("status"), datetime.max.replace(tzinfo=UTC)
    found = [one for one in asking.state.schedules.values() if status in (None, one.status)]
    return Page(items=sorted(found, key=lambda one: (one.next_run_at or last, one.name.lower(), one.id)))


def get_schedule(asking: Asking) -> Schedule:
    schedule = asking.state.schedules.get(asking.ids[0].lower())
    if schedule is None:
        raise errors.ScheduleNotFound(f"no schedule has the id {asking.ids[0][:80]}")
    return schedule


def update_schedule(asking: Asking) -> Schedule:
    asking.need()
    patch, schedule = asking.read(SchedulePatch), get_schedule(asking)
    if patch.version not in (UNSET, schedule.version):
        detail = f"the schedule has version {schedule.version}, not {patch.version}"
        current = {"version": schedule.version, "status": schedule.status.value}
        raise conflict(errors.VersionConflict, detail, current)
    patched = _patched(schedule, patch)
    if patched == schedule:
        return schedule
    now, version = asking.state.clock(), schedule.version + 1
    patched = msgspec.structs.replace(patched, version=version, updated_at=now, last_error=None)
    return _kept(asking, _planned(asking, patched), "schedule.updated")


def _patched(schedule: Schedule, patch: SchedulePatch) -> Schedule:
    given = {name: value for name, value in msgspec.structs.asdict(patch).items() if value is not UNSET}
    given.pop("version", None)
    paused = given.pop("paused", None)
    changes: dict[str, Any] = {_OTHER[name]: None for name in given if name in _OTHER}
    changes |= {name: value if name == "at" else msgspec.to_builtins(value) for name, value in given.items()}
    if paused is not None:
        changes["status"] = ScheduleStatus.PAUSED if paused else ScheduleStatus.ACTIVE
    elif schedule.status is ScheduleStatus.FINISHED and given:
        changes["status"] = ScheduleStatus.ACTIVE
    return msgspec.structs.replace(schedule, **changes)


def delete_schedule(asking: Asking) -> None:
    asking.need()
    schedule = get_schedule(asking)
    del asking.state.schedules[schedule.id]
    _tell(asking.state, asking.by, "schedule.deleted", schedule)


def run_schedule(asking: Asking) -> Schedule:
    asking.need()
    return _run(asking.state, asking.by, get_schedule(asking), due_at=None)


def _planned(asking: Asking, schedule: Schedule) -> Schedule:
    """This plan with its first time, if it can be followed."""
    if (schedule.cron is None) == (schedule.at is None):
        raise errors.ValidationFailed("cron: say when, either by `cron` or by `at`")
    if (schedule.task is None) == (schedule.notice is None):
        raise errors.ValidationFailed("task: say what, either by `task` or by `notice`")
    if schedule.task is not None:
        _check_task(asking, schedule.task)
    zoned(schedule.at, "at")
    now = asking.state.clock()
    if schedule.at is not None and schedule.at < now - GRACE:
        raise errors.ValidationFailed(f"at: this time is over; it is {now:%Y-%m-%dT%H:%M:%SZ}")
    due = schedule.at or _next(schedule, now)
    if due is None:
        raise errors.ValidationFailed(f"cron: {schedule.cron!r} never comes round")
    paused = schedule.status is ScheduleStatus.PAUSED
    return msgspec.structs.replace(schedule, next_run_at=None if paused else due)


def _check_task(asking: Asking, task: dict[str, Any]) -> None:
    for name in ("due_at", "run_after"):
        if task.get(name) is not None:
            raise errors.ValidationFailed(f"task.{name}: a date cannot be part of what is done again")
    checked([task.get("project_id")], "task.project_id")
    if task.get("project_id") not in (None, *asking.state.projects):
        raise errors.ValidationFailed("task.project_id: no project has this id")


def _next(schedule: Schedule, after: datetime) -> datetime | None:
    """The next time of its pattern, in UTC."""
    zone = zone_of(schedule.time_zone)
    if schedule.cron is None:
        return None
    try:
        from cronsim import CronSim, CronSimError
    except ModuleNotFoundError as missing:
        raise errors.ValidationFailed("cron: for patterns, install agentops[testing]") from missing
    try:
        for found in CronSim(schedule.cron, after.astimezone(zone)):
            if found > after:
                return found.astimezone(UTC)
    except (CronSimError, AssertionError, OverflowError) as error:
        raise errors.ValidationFailed(f"cron: {error}, in {schedule.cron!r}") from error
    return None


def fire(state: State) -> None:
    """Runs what is due, unless everything is paused."""
    now = state.clock()
    by = Caller(
        Key(
            id="ledger", name="ledger", scope=Scope.ADMIN, expires_at=None, revoked_at=None,
            last_used_at=None, created_at=now,
        ),
        None,
    )  # fmt: skip
    for schedule in list(state.schedules.values()):
        due = schedule.next_run_at
        if state.paused is None and due is not None and due <= now:
            _fire(state, by, schedule, due)


def _fire(state: State, by: Caller, schedule: Schedule, due: datetime) -> None:
    now = state.clock()
    following = _next(schedule, now)
    status = ScheduleStatus.FINISHED if following is None else ScheduleStatus.ACTIVE
    schedule = msgspec.structs.replace(schedule, status=status, next_run_at=following, updated_at=now)
    state.schedules[schedule.id] = schedule
    if schedule.missed == MissedRuns.SKIP and now - due > LATE:
        _tell(state, by, "schedule.skipped", schedule, due_at=due)
        return
    try:
        _run(state, by, schedule, due_at=due)
    except errors.AgentOpsError as error:
        failed = msgspec.structs.replace(schedule, last_error=error.detail)
        state.schedules[schedule.id] = failed
        _tell(state, by, "schedule.failed", failed, due_at=due, error=error.detail)


def _run(state: State, by: Caller, schedule: Schedule, *, due_at: datetime | None) -> Schedule:
    task = None if schedule.task is None else _made(state, by, schedule.task)
    now = state.clock()
    ran = msgspec.structs.replace(
        schedule, runs=schedule.runs + 1, last_run_at=now, updated_at=now, last_error=None,
        last_task_id=schedule.last_task_id if task is None else task.id,
    )  # fmt: skip
    state.schedules[ran.id] = ran
    if task is None:
        about = {name: (ran.notice or {}).get(name) for name in ("session", "text")}
    else:
        about = {"session": task.origin, "task_id": task.id, "number": task.number, "title": task.title}
    _tell(state, by, "schedule.fired", ran, task, **about, due_at=due_at)
    return ran


def _made(state: State, by: Caller, template: dict[str, Any]) -> Task:
    new = msgspec.convert(template, NewTask)
    asking = Asking(state, (), {}, b"", "", by)
    check(asking, new)
    return write_down(asking, new)


def _kept(asking: Asking, schedule: Schedule, kind: str) -> Schedule:
    asking.state.schedules[schedule.id] = schedule
    _tell(asking.state, asking.by, kind, schedule)
    return schedule


def _tell(
    state: State, by: Caller, kind: str, schedule: Schedule, task: Task | None = None, **more: Any
) -> None:
    shown = ("name", "cron", "at", "time_zone", "status", "next_run_at", "version")
    payload = {name: getattr(schedule, name) for name in shown} | more
    state.log.tell(
        type=kind, entity_type="schedule", entity_id=schedule.id, task_id=None if task is None else task.id,
        project_id=None if task is None else task.project_id, actor=by.key.name,
        payload=msgspec.to_builtins(payload), traceparent=by.traceparent, at=state.clock(),
    )  # fmt: skip
