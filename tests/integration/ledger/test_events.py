"""The event log: complete, in one order, live, whoever writes and whatever is rolled back."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx
import pytest
import websockets
from pydantic import SecretStr
from redis.asyncio import Redis

from tests.integration.ledger.api import Api, api_for
from tests.ledger_fixtures import StartLedger
from tests.waiting import eventually

_INSERT = """INSERT INTO event (type, entity_type, entity_id, actor, payload)
    VALUES ('task.updated', 'task', $1, 'test', '{}')"""


class Listening:
    """A live stream that collects what it gets."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.events: list[Any] = []

    async def read(self) -> None:
        async for frame in self.socket:
            got = json.loads(frame)
            self.events += got if isinstance(got, list) else [got]

    def has(self, number: int) -> bool:
        return len(self.events) >= number

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@asynccontextmanager
async def listening(url: str, key: str, **query: str) -> AsyncIterator[Listening]:
    address = f"{url.replace('http', 'ws', 1)}/api/v1/events/stream?{urlencode(query)}"
    headers = {"Authorization": f"Bearer {key}"}
    async with websockets.connect(address, additional_headers=headers, proxy=None) as socket:
        stream = Listening(socket)
        task = asyncio.create_task(stream.read())
        try:
            yield stream
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_a_reader_sees_each_event_once_and_in_order_while_sixteen_write_and_roll_back(
    admin: Api, ledger_url: str, reader_key: str, ledger_dsn: str
) -> None:
    committed: set[str] = set()

    async def write(writer: int) -> None:
        choose = random.Random(writer)  # noqa: S311
        connection = await asyncpg.connect(ledger_dsn)
        try:
            for n in range(20):
                names = [f"{writer}-{n}-{m}" for m in range(choose.randint(1, 4))]
                transaction = connection.transaction()
                await transaction.start()
                for name in names:
                    await connection.execute(_INSERT, name)
                    await asyncio.sleep(choose.random() * 0.01)
                if choose.random() < 0.25:
                    await transaction.rollback()
                else:
                    await transaction.commit()
                    committed.update(names)
        finally:
            await connection.close()

    polled: list[Any] = []
    writing = True

    async def poll() -> None:
        cursor = "0"
        while True:
            stop = not writing
            page = await admin.get("/events", after=cursor, limit=7)
            polled.extend(page["events"])
            cursor = page["cursor"]
            if stop and not page["events"]:
                return

    async with listening(ledger_url, reader_key, after="0") as live:
        async with asyncio.TaskGroup() as group:
            polling = group.create_task(poll())
            async with asyncio.TaskGroup() as writers:
                for n in range(16):
                    writers.create_task(write(n))
            writing = False
            await polling
        await eventually(lambda: len(live.events) >= len(committed))

    ids = [event["entity_id"] for event in polled]
    assert len(ids) == len(set(ids))
    assert set(ids) == committed
    assert live.events == polled


async def test_a_stream_replays_and_goes_on_live_without_gap_or_duplicate(
    admin: Api, ledger_url: str, reader_key: str
) -> None:
    for n in range(30):
        await admin.task(f"before {n}")

    async def write() -> None:
        for n in range(60):
            await admin.task(f"during {n}")

    writing = asyncio.create_task(write())
    async with (
        listening(ledger_url, reader_key, after="0") as first,
        listening(ledger_url, reader_key, after="0", types="task.*") as second,
    ):
        await writing
        await eventually(lambda: len(first.events) >= 90 and len(second.events) >= 90)
        whole = await admin.events()
        assert len(whole) == 90
        assert first.events == second.events == whole
        middle = whole[44]["cursor"]
        async with listening(ledger_url, reader_key, after=middle) as resumed:
            await admin.task("last")
            await eventually(lambda: len(resumed.events) >= 46)
            assert resumed.events[:45] == whole[45:]


async def test_a_stream_without_a_cursor_begins_now(admin: Api, ledger_url: str, reader_key: str) -> None:
    await admin.task("old")
    await eventually(lambda: admin.events())
    async with listening(ledger_url, reader_key) as live:
        await asyncio.sleep(0.1)
        await admin.task("new")
        await eventually(lambda: live.events)
        assert [event["payload"]["title"] for event in live.events] == ["new"]


async def test_a_live_event_arrives_at_once(admin: Api, ledger_url: str, reader_key: str) -> None:
    async with listening(ledger_url, reader_key, after="0") as live:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for n in range(10):
            await admin.task(f"Task {n}")
            await eventually(partial(live.has, n + 1), every_s=0.001)
        # The poll alone would take ten seconds.
        assert loop.time() - began < 3


async def test_readers_get_only_what_they_asked_for(admin: Api, ledger_url: str, reader_key: str) -> None:
    project = await admin.post("/projects", name="House")
    async with (
        listening(ledger_url, reader_key, after="0", types="task.completed,project.*") as done,
        listening(ledger_url, reader_key, after="0", project=project["id"]) as of_project,
    ):
        await admin.claimed()
        claim = await admin.claimed(project_id=project["id"])
        await admin.post(f"/tasks/{claim['task']['id']}/complete", epoch=1, result={"summary": "ok"})
        await eventually(lambda: done.types == ["project.created", "task.completed"])
        await eventually(lambda: len(of_project.events) == 4)
    assert of_project.types == ["project.created", "task.created", "task.claimed", "task.completed"]
    assert await admin.types(types="task.c*") == ["task.created", "task.claimed"] * 2 + ["task.completed"]
    assert await admin.types(project=project["id"]) == of_project.types
    assert await admin.types(task_id=claim["task"]["id"]) == of_project.types[1:]
    payload = done.events[-1]["payload"]
    assert (payload["result"], payload["status"], payload["number"]) == ({"summary": "ok"}, "completed", 2)


async def test_a_cursor_of_now_skips_the_past(admin: Api) -> None:
    await admin.task("old")
    await eventually(lambda: admin.events())
    page = await admin.get("/events")
    assert page["events"] == []
    again = await admin.get("/events", after=page["cursor"])
    assert (again["events"], again["cursor"]) == ([], page["cursor"])
    await admin.task("new")
    found = await eventually(lambda: admin.events(page["cursor"]))
    assert [event["payload"]["title"] for event in found] == ["new"]


async def test_the_trace_of_a_request_is_in_its_events(admin: Api) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await admin.client.post("/tasks", json={"title": "traced"}, headers={"traceparent": trace})
    await admin.client.post("/tasks", json={"title": "odd"}, headers={"traceparent": "not a trace"})
    assert [event["traceparent"] for event in await admin.events()] == [trace, None]


async def test_a_write_at_one_replica_wakes_the_readers_of_another(
    admin: Api, start_ledger: StartLedger, reader_key: str
) -> None:
    async with start_ledger() as second, listening(second, reader_key, after="0") as live:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for n in range(10):
            await admin.task(f"Task {n}")
            await eventually(partial(live.has, n + 1), every_s=0.001)
        assert loop.time() - began < 5
        assert live.events == await admin.events()


async def test_commits_are_announced_on_redis(admin: Api, redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis, redis.pubsub() as pubsub:
        await pubsub.subscribe("events:all", "events:tasks", "tasks:pending", "tasks:completed")
        claim = await admin.claimed()
        await admin.post(f"/tasks/{claim['task']['id']}/complete", epoch=1)
        got: list[tuple[str, str]] = []

        async def read() -> bool:
            message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=0.1)
            if message:
                got.append((message["channel"].decode(), json.loads(message["data"])["type"]))
            return ("tasks:completed", "task.completed") in got

        await eventually(read)
        assert ("tasks:pending", "task.created") in got
        assert [kind for channel, kind in got if channel == "events:tasks"] == [
            "task.created", "task.claimed", "task.completed",
        ]  # fmt: skip


async def test_the_ledger_works_without_redis(
    start_ledger: StartLedger, admin_key: str, reader_key: str
) -> None:
    async with (
        start_ledger(redis_url=SecretStr("unix:///nowhere/redis.sock")) as url,
        api_for(url, admin_key) as api,
        listening(url, reader_key, after="0") as live,
    ):
        await api.task()
        await eventually(lambda: live.types == ["task.created"])
        ready = await api.get("/health/ready")
        assert (ready["status"], ready["checks"]["database"]) == ("ok", "ok")
        assert ready["checks"]["redis"].startswith("unavailable")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"after": "nonsense"}, 400, "validation_failed"),
        ({"types": "TASK"}, 400, "validation_failed"),
        ({"project": "x"}, 400, "validation_failed"),
    ],
)
async def test_a_bad_stream_is_refused_before_it_opens(
    ledger_url: str, reader_key: str, query: dict[str, str], status: int, code: str
) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with listening(ledger_url, reader_key, **query):
            pass
    assert refused.value.response.status_code == status
    assert json.loads(refused.value.response.body)["code"] == code


async def test_a_stream_needs_a_key(ledger_url: str) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with listening(ledger_url, "wrong"):
            pass
    assert refused.value.response.status_code == 401
    assert json.loads(refused.value.response.body)["code"] == "unauthenticated"
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{ledger_url}/api/v1/events/stream")).status_code in (401, 404, 405)
