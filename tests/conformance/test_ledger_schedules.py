"""What the ledger does by itself at a time, on both ledgers."""

from datetime import UTC, datetime, timedelta

import pytest

from agentops import ValidationFailed, VersionConflict
from agentops.errors import ScheduleNotFound
from agentops.wire import (
    NewSchedule,
    NewTask,
    Schedule,
    ScheduledNotice,
    SchedulePatch,
    ScheduleStatus,
)
from tests.conformance.ledgers import Ledger
from tests.waiting import eventually

COUNT = NewTask(title="Count the boxes", origin="s-1")


async def test_a_pattern_comes_round_by_the_clocks_of_its_place(ledger: Ledger) -> None:
    new = NewSchedule(name="Mornings", cron="30 8 * * *", time_zone="Europe/Paris", task=COUNT)
    schedule = await ledger.admin.create_schedule(new)
    assert (schedule.status, schedule.runs, schedule.version) == (ScheduleStatus.ACTIVE, 0, 1)
    assert schedule.next_run_at is not None
    assert schedule.next_run_at.minute == 30
    assert await ledger.reader.get_schedule(schedule.id) == schedule
    paused = await ledger.admin.update_schedule(schedule.id, SchedulePatch(paused=True))
    assert (paused.status, paused.next_run_at, paused.version) == (ScheduleStatus.PAUSED, None, 2)
    with pytest.raises(VersionConflict):
        await ledger.admin.update_schedule(schedule.id, SchedulePatch(paused=False, version=1))
    going = await ledger.admin.update_schedule(schedule.id, SchedulePatch(paused=False))
    assert going.next_run_at is not None
    await ledger.admin.delete_schedule(schedule.id)
    with pytest.raises(ScheduleNotFound):
        await ledger.admin.get_schedule(schedule.id)


async def test_a_schedule_for_one_time_makes_its_task_and_is_finished(ledger: Ledger) -> None:
    now = datetime.now(UTC) - timedelta(seconds=5)
    made = await ledger.admin.create_schedule(NewSchedule(name="Once", at=now, task=COUNT))

    async def finished() -> Schedule | None:
        found = await ledger.admin.get_schedule(made.id)
        return found if found.status is ScheduleStatus.FINISHED and found.runs else None

    schedule = await eventually(finished)
    assert schedule is not None
    (task,) = (await ledger.admin.list_tasks()).items
    assert (schedule.runs, schedule.last_task_id, schedule.next_run_at) == (1, task.id, None)
    (fired,) = (await ledger.admin.list_events(after="0", types=["schedule.fired"])).events
    assert (fired.task_id, fired.payload["session"], fired.actor) == (task.id, "s-1", "ledger")


async def test_a_schedule_runs_besides_its_times_when_it_is_asked(ledger: Ledger) -> None:
    notice = ScheduledNotice(session="s-1", text="Stretch your legs")
    new = NewSchedule(name="Breaks", cron="0 12 * * *", notice=notice)
    schedule = await ledger.admin.create_schedule(new)
    ran = await ledger.admin.run_schedule(schedule.id)
    assert (ran.runs, ran.next_run_at, ran.last_task_id) == (1, schedule.next_run_at, None)
    (fired,) = (await ledger.admin.list_events(after="0", types=["schedule.fired"])).events
    assert (fired.payload["text"], fired.payload["due_at"]) == ("Stretch your legs", None)


async def test_a_plan_that_nobody_could_follow_is_refused(ledger: Ledger) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    for wrong in (
        NewSchedule(name="never", task=COUNT),
        NewSchedule(name="twice", at=tomorrow, cron="0 12 * * *", task=COUNT),
        NewSchedule(name="nothing", at=tomorrow),
        NewSchedule(name="over", at=tomorrow - timedelta(days=9), task=COUNT),
        NewSchedule(name="a date", at=tomorrow, task=NewTask(title="x", due_at=tomorrow)),
        NewSchedule(name="nowhere", cron="0 12 * * *", time_zone="Moon/Crater", task=COUNT),
        NewSchedule(name="no pattern", cron="99 12 * * *", task=COUNT),
    ):
        with pytest.raises(ValidationFailed):
            await ledger.admin.create_schedule(wrong)
    assert await ledger.admin.list_schedules() == []
