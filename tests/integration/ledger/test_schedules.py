"""Schedules: at their time, once over any number of ledgers, and whatever goes wrong with one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from agentops import AgentOpsClient, ScheduleNotFound, VersionConflict
from agentops.wire import NewSchedule, NewTask, ScheduledNotice, SchedulePatch, ScheduleStatus
from tests.integration.ledger.api import Api
from tests.ledger_fixtures import StartLedger
from tests.waiting import eventually

DAILY = "30 8 * * *"
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
async def database(ledger_dsn: str) -> AsyncIterator[Any]:
    """The ledger's own database, to let time pass in."""
    connection = await asyncpg.connect(ledger_dsn)
    yield connection
    await connection.close()


def _at(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


async def _events(api: Api) -> list[Any]:
    return await api.events(types="schedule.*")


async def _now_due(database: Any, **ago: float) -> None:
    await database.execute(
        "UPDATE schedule SET next_run_at = now() - $1::interval WHERE status = 'active'", timedelta(**ago)
    )


async def _fired(api: Api, n: int = 1) -> list[Any]:
    async def check() -> list[Any]:
        found = await api.events(types="schedule.fired")
        return found if len(found) >= n else []

    return await eventually(check)


async def test_a_schedule_creates_its_task_when_its_time_comes(admin: Api, database: Any) -> None:
    task = {"title": "Report on sales", "priority": "high", "origin": "main", "capabilities": ["csv"]}
    made = await admin.post(
        "/schedules", 201, name="Morning report", cron=DAILY, time_zone="Europe/Paris", task=task
    )
    assert (made["status"], made["runs"], made["version"]) == ("active", 0, 1)
    assert datetime.fromisoformat(made["next_run_at"]) > datetime.now(UTC)

    await _now_due(database, seconds=1)
    (event,) = await _fired(admin)
    after = await admin.get(f"/schedules/{made['id']}")
    assert (after["status"], after["runs"], after["last_task_id"]) == ("active", 1, event["task_id"])
    assert after["next_run_at"] == made["next_run_at"]
    created = await admin.get(f"/tasks/{event['task_id']}")
    assert {name: created[name] for name in task} == task
    assert (event["payload"]["number"], event["payload"]["session"]) == (created["number"], "main")


async def test_a_notice_for_one_time_is_told_and_the_schedule_is_finished(admin: Api) -> None:
    notice = {"session": "main", "text": "You wanted to call Ada."}
    made = await admin.post("/schedules", 201, name="Ada", at=_at(seconds=0.2), notice=notice)
    (event,) = await _fired(admin)
    assert {name: event["payload"][name] for name in notice} == notice
    assert event["payload"]["due_at"] == made["at"]
    after = await admin.get(f"/schedules/{made['id']}")
    assert (after["status"], after["next_run_at"], after["last_task_id"]) == ("finished", None, None)
    assert (await admin.get("/tasks"))["items"] == []
    assert await admin.get("/schedules", status="finished") == {"items": [after], "next": None}


async def test_four_ledgers_fire_each_schedule_once(
    admin: Api, start_ledger: StartLedger, database: Any
) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(start_ledger())
        await asyncio.gather(
            *(
                admin.post("/schedules", 201, name=f"s{n}", cron=DAILY, task={"title": f"t{n}"})
                for n in range(30)
            )
        )
        await _now_due(database, seconds=1)
        await _fired(admin, 30)
        # A second firing would need a second due time: nothing is due any more.
        assert await database.fetchval("SELECT count(*) FROM schedule WHERE next_run_at <= now()") == 0
    tasks = (await admin.get("/tasks", limit=200))["items"]
    assert sorted(task["title"] for task in tasks) == sorted(f"t{n}" for n in range(30))
    assert len(await _events(admin)) == 60


async def test_however_many_runs_were_missed_one_makes_up_for_them(admin: Api, database: Any) -> None:
    await admin.post("/schedules", 201, name="hourly", cron="0 * * * *", task={"title": "count"})
    await _now_due(database, days=3)
    (event,) = await _fired(admin)
    (schedule,) = (await admin.get("/schedules"))["items"]
    assert datetime.fromisoformat(schedule["next_run_at"]) > datetime.now(UTC)
    assert (schedule["runs"], event["payload"]["next_run_at"]) == (1, schedule["next_run_at"])


async def test_a_late_run_is_left_out_where_that_is_wished(admin: Api, database: Any) -> None:
    body: dict[str, Any] = {"cron": "0 * * * *", "task": {"title": "count"}, "missed": "skip"}
    made = await admin.post("/schedules", 201, name="hourly", **body)
    await _now_due(database, hours=1)

    async def skipped() -> list[Any]:
        return await admin.events(types="schedule.skipped")

    (event,) = await eventually(skipped)
    assert event["entity_id"] == made["id"]
    assert (await admin.get("/tasks"))["items"] == []
    await _now_due(database, seconds=30)
    assert len(await _fired(admin)) == 1


async def test_a_paused_schedule_waits_and_makes_up_for_nothing(admin: Api, database: Any) -> None:
    made = await admin.post("/schedules", 201, name="daily", cron=DAILY, task={"title": "count"})
    path = f"/schedules/{made['id']}"
    paused = await admin.patch(path, paused=True)
    assert (paused["status"], paused["next_run_at"], paused["version"]) == ("paused", None, 2)
    assert await admin.patch(path, paused=True) == paused
    resumed = await admin.patch(path, paused=False, cron="0 9 * * *", version=2)
    assert (resumed["status"], resumed["cron"], resumed["version"]) == ("active", "0 9 * * *", 3)
    assert datetime.fromisoformat(resumed["next_run_at"]).minute == 0
    problem = await admin.patch(path, 409, name="x", version=2)
    assert (problem["code"], problem["current"]["version"]) == ("version_conflict", 3)
    changed = await admin.patch(path, at=_at(hours=1), notice={"session": "main", "text": "Hello"})
    assert (changed["cron"], changed["task"]) == (None, None)
    assert (changed["notice"]["text"], changed["status"]) == ("Hello", "active")


async def test_a_template_that_is_broken_later_stops_no_other(admin: Api, database: Any) -> None:
    project = await admin.post("/projects", 201, name="Doomed")
    task = {"title": "t", "project_id": project["id"]}
    broken = await admin.post("/schedules", 201, name="broken", cron=DAILY, task=task)
    await admin.post("/schedules", 201, name="sound", cron=DAILY, task={"title": "t"})
    await admin.client.delete(f"/projects/{project['id']}")
    await _now_due(database, seconds=1)
    await _fired(admin)

    async def failed() -> list[Any]:
        return await admin.events(types="schedule.failed")

    (event,) = await eventually(failed)
    after = await admin.get(f"/schedules/{broken['id']}")
    assert after["last_error"] == event["payload"]["error"] == "project_id: no project has this id"
    assert (after["status"], after["runs"]) == ("active", 0)
    assert datetime.fromisoformat(after["next_run_at"]) > datetime.now(UTC)
    problem = await admin.post(f"/schedules/{broken['id']}/run", 400)
    assert problem["code"] == "validation_failed"


async def test_running_it_now_changes_none_of_its_times(admin: Api) -> None:
    made = await admin.post("/schedules", 201, name="daily", cron=DAILY, task={"title": "count"})
    first = await admin.post(f"/schedules/{made['id']}/run", 200, key="once")
    again = await admin.post(f"/schedules/{made['id']}/run", 200, key="once")
    assert first == again
    assert (first["runs"], first["next_run_at"]) == (1, made["next_run_at"])
    (task,) = (await admin.get("/tasks"))["items"]
    assert task["id"] == first["last_task_id"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"cron": "61 * * * *"}, "cron"),
        ({"cron": "0 0 30 2 *"}, "cron"),
        ({"cron": DAILY, "at": "2999-01-01T00:00:00Z"}, "cron"),
        ({}, "cron"),
        ({"at": "2020-01-01T00:00:00Z"}, "at"),
        ({"at": "2999-01-01T00:00:00"}, "at"),
        ({"cron": DAILY, "time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"cron": DAILY, "notice": {"session": "main", "text": "x"}}, "task"),
        ({"cron": DAILY, "task": {"title": "t", "due_at": "2999-01-01T00:00:00Z"}}, "due_at"),
        ({"cron": DAILY, "task": {"title": "t", "project_id": NOBODY}}, "project"),
        ({"cron": DAILY, "task": {"title": "t", "depends_on": ["x"]}}, "task"),
        ({"cron": DAILY, "task": {"title": ""}}, "title"),
    ],
)  # fmt: skip
async def test_what_cannot_be_followed_is_refused_at_once(
    admin: Api, wrong: dict[str, Any], field: str
) -> None:
    problem = await admin.post("/schedules", 400, **({"name": "x", "task": {"title": "t"}} | wrong))
    assert (problem["code"], field in problem["detail"]) == ("validation_failed", True)
    assert (await admin.get("/schedules"))["items"] == []


async def test_schedules_are_made_by_administrators_and_read_by_all(
    admin: Api, worker: Api, reader: Api
) -> None:
    made = await admin.post("/schedules", 201, name="daily", cron=DAILY, task={"title": "count"})
    for api in (worker, reader):
        body: dict[str, Any] = {"name": "x", "cron": DAILY, "task": {"title": "t"}}
        assert (await api.post("/schedules", 403, **body))["code"] == "forbidden"
        assert (await api.post(f"/schedules/{made['id']}/run", 403))["code"] == "forbidden"
        assert await api.get(f"/schedules/{made['id']}") == made


async def test_the_client_speaks_of_schedules(ops: AgentOpsClient) -> None:
    made = await ops.create_schedule(
        NewSchedule(name="daily", cron=DAILY, time_zone="Europe/Paris", task=NewTask(title="count"))
    )
    notice = ScheduledNotice(session="main", text="Hello")
    paused = await ops.update_schedule(made.id, SchedulePatch(paused=True, notice=notice))
    assert (paused.status, paused.task, paused.notice) == (
        ScheduleStatus.PAUSED, None, {"session": "main", "text": "Hello"},
    )  # fmt: skip
    assert await ops.list_schedules(status=ScheduleStatus.PAUSED) == [paused]
    assert (await ops.run_schedule(made.id)).runs == 1
    with pytest.raises(VersionConflict):
        await ops.update_schedule(made.id, SchedulePatch(name="x", version=1))
    await ops.delete_schedule(made.id)
    with pytest.raises(ScheduleNotFound):
        await ops.get_schedule(made.id)
    kinds = [event.type for event in (await ops.list_events(after="0", types=["schedule.*"])).events]
    assert kinds == [f"schedule.{what}" for what in ("created", "updated", "fired", "deleted")]
