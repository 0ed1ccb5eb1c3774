"""What is old goes, in batches; who reads behind it is told, never skipped in silence."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from agentops import AgentOpsClient, CursorExpired
from ledger import errors
from ledger.artifacts.store import ArtifactStore
from ledger.engine import LedgerEngine
from ledger.events.feed import Feed
from ledger.events.log import EventFilter, cursor_of
from ledger.system.orphans import Orphans
from ledger.system.retention import Keep, Retention
from tests.integration.ledger.api import Api
from tests.ledger_fixtures import StartLedger
from tests.waiting import eventually

OLD = timedelta(days=100)
NINETY = Keep(events=90, turns=90, attempts=90, answers=90)
FOR_EVER = Keep(events=0, turns=0, attempts=0, answers=0)


@pytest.fixture
async def database(ledger_dsn: str) -> AsyncIterator[Any]:
    """The ledger's own database, to let time pass in."""
    connection = await asyncpg.connect(ledger_dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def engine(ledger_dsn: str) -> AsyncIterator[LedgerEngine]:
    """A pool of its own, for sweeping when the test says so."""
    async with LedgerEngine(ledger_dsn).opened(max_size=4) as opened:
        yield opened


async def _written(admin: Api, database: Any, *, old: int, new: int) -> list[Any]:
    """Events of `old + new` tasks; the first lie a hundred days back."""
    for n in range(old + new):
        await admin.task(f"Task {n}")
    events = await admin.events()
    await database.execute(
        "UPDATE event SET at = at - $2::interval WHERE entity_id = ANY($1)",
        [event["entity_id"] for event in events[:old]],
        OLD,
    )
    return events


async def test_old_events_go_and_a_reader_behind_them_is_told(
    admin: Api, ops: AgentOpsClient, database: Any, engine: LedgerEngine
) -> None:
    events = await _written(admin, database, old=7, new=3)
    removed = await Retention(engine, NINETY, batch=2).sweep()
    assert removed == {"events": 7, "turns": 0, "attempts": 0, "answers": 0}

    kept = [event["cursor"] for event in events[7:]]
    assert [event["cursor"] for event in await admin.events()] == kept
    assert [event["cursor"] for event in await admin.events(after=events[6]["cursor"])] == kept
    for missed in events[:6]:
        problem = await admin.get("/events", 410, after=missed["cursor"])
        assert (problem["code"], problem["current"]) == ("cursor_expired", {"oldest": events[6]["cursor"]})
        assert (await admin.get("/events", 410, after=missed["cursor"], types="agent.*"))["status"] == 410
    with pytest.raises(CursorExpired):
        await anext(ops.subscribe("task.*", after=events[2]["cursor"]))
    async with asyncio.timeout(10):
        assert (await anext(ops.subscribe("task.*", after=events[6]["cursor"]))).cursor == kept[0]
        assert (await anext(ops.subscribe("task.*", after="0"))).cursor == kept[0]


async def test_no_event_goes_before_one_that_is_kept(admin: Api, database: Any, engine: LedgerEngine) -> None:
    events = await _written(admin, database, old=6, new=0)
    await database.execute("UPDATE event SET at = now() WHERE entity_id = $1", events[2]["entity_id"])
    assert (await Retention(engine, NINETY, batch=4).sweep())["events"] == 2
    assert [event["cursor"] for event in await admin.events()] == [event["cursor"] for event in events[2:]]


async def test_a_reader_in_the_middle_of_its_replay_is_told_too(
    admin: Api, database: Any, engine: LedgerEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.events.feed.BATCH", 2)
    events = await _written(admin, database, old=7, new=3)
    feed = Feed(engine, poll_s=0.05)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        running = group.create_task(feed.run())
        frames = feed.listen(EventFilter(), cursor_of(events[0]["cursor"]))
        assert len(await anext(frames)) == 2
        await Retention(engine, NINETY).sweep()
        with pytest.raises(errors.CursorExpired):
            await anext(frames)
        running.cancel()


async def test_two_ledgers_sweep_without_getting_in_each_others_way(
    admin: Api, database: Any, engine: LedgerEngine
) -> None:
    events = await _written(admin, database, old=30, new=2)
    both = await asyncio.gather(*(Retention(engine, NINETY, batch=3).sweep() for _ in range(2)))
    await Retention(engine, NINETY, batch=3).sweep()
    assert sum(one["events"] for one in both) <= 30
    assert [event["cursor"] for event in await admin.events()] == [event["cursor"] for event in events[30:]]


async def test_turns_attempts_and_answers_go_by_their_own_age(
    admin: Api, database: Any, engine: LedgerEngine
) -> None:
    then = (datetime.now(UTC) - OLD).isoformat()
    for n, said_at in enumerate([then, then, None]):
        turn = {"id": f"turn-{n}", "role": "person", "channel": "web", "text": "Hello", "said_at": said_at}
        await admin.post("/sessions/main/turns", 201, **turn)
    task = await admin.post("/tasks", 201, key="first", title="count")
    for epoch in (1, 2, 3):
        await admin.post("/tasks/claim-next", agent="seed-1")
        if epoch < 3:
            await admin.post(f"/tasks/{task['id']}/release", epoch=epoch)
    await database.execute("UPDATE task_attempt SET started_at = started_at - $1::interval", OLD)
    await database.execute("UPDATE task_attempt SET ended_at = ended_at - $1::interval WHERE epoch = 1", OLD)
    await database.execute("UPDATE idempotency_key SET created_at = created_at - $1::interval", OLD)

    assert await Retention(engine, FOR_EVER).sweep() == {}
    removed = await Retention(engine, NINETY, batch=1).sweep()
    assert removed == {"events": 0, "turns": 2, "attempts": 1, "answers": 1}
    assert [turn["id"] for turn in (await admin.get("/sessions/main/turns"))["items"]] == ["turn-2"]
    attempts = (await admin.get(f"/tasks/{task['id']}/attempts"))["items"]
    assert [attempt["epoch"] for attempt in attempts] == [2, 3]
    assert (await admin.post("/tasks", 201, key="first", title="count"))["number"] == task["number"] + 1


async def test_files_go_with_the_turns_that_brought_them_unless_somebody_else_has_them(
    admin: Api, database: Any, engine: LedgerEngine
) -> None:
    task = await admin.task("Listen to it")
    files = {}
    for name, of_task in {"recording.ogg": None, "shared.txt": None, "worked-on.txt": task["id"]}.items():
        asked = {"name": name} | ({"task_id": of_task} if of_task else {})
        files[name] = (await admin.client.post("/artifacts", params=asked, content=b"bytes")).json()["id"]
    then = (datetime.now(UTC) - OLD).isoformat()
    for turn, said_at, brought in [
        ("call", then, list(files.values())),
        ("again", None, [files["shared.txt"]]),
    ]:
        said = {"id": turn, "role": "notice", "channel": "notice", "text": "Our call", "said_at": said_at}
        await admin.post("/sessions/main/turns", 201, attachments=brought, **said)

    assert (await Retention(engine, NINETY).sweep())["turns"] == 1
    left = await database.fetch("SELECT name FROM artifact ORDER BY name")
    assert [row["name"] for row in left] == ["shared.txt", "worked-on.txt"]
    await admin.get(f"/artifacts/{files['recording.ogg']}", 404)


async def test_the_ledger_itself_sweeps_by_its_settings(
    start_ledger: StartLedger, admin: Api, database: Any
) -> None:
    await _written(admin, database, old=3, new=1)
    async with start_ledger(ledger_keep_events_days=30):

        async def swept() -> bool:
            return int(await database.fetchval("SELECT count(*) FROM event")) == 1

        await eventually(swept)


async def test_bytes_that_no_artifact_owns_are_removed(
    admin: Api, engine: LedgerEngine, tmp_path: Path
) -> None:
    folder = tmp_path / "artifacts"
    store = ArtifactStore(folder.as_uri(), max_bytes=1_000)
    response = await admin.client.post("/artifacts", params={"name": "kept.txt"}, content=b"kept")
    kept = response.json()["id"]

    async def lost() -> AsyncIterator[bytes]:
        yield b"lost"

    await store.save("0a000000-0000-4000-8000-000000000000", lost())
    foreign = folder / "0a" / "notes.txt"
    foreign.write_text("somebody else's")
    assert await Orphans(engine, store).sweep() == 0, "what is young may belong to an upload that still runs"
    assert await Orphans(engine, store, age=timedelta(0)).sweep() == 1
    assert await Orphans(engine, store, age=timedelta(0)).sweep() == 0
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {kept, "notes.txt"}
