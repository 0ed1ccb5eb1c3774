"""Backups of a real installation, restored into empty places, with the history still there."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.wire import NewTask
from ops import keys
from ops.backup import files, restoring, sealing
from ops.backup.database import without_password
from tests.integration.ops.commands import Cos
from tests.ledger_fixtures import ADMIN_KEY, StartLedger

PASSPHRASE = "correct horse battery staple"
BYTES = bytes(range(256)) * 8000


@pytest.fixture(autouse=True)
def cheap_guesses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The default cost is meant to hurt; no `.env` of the project's is read."""
    monkeypatch.setattr(sealing, "_COST", 4)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cos(ledger_dsn: str, redis_url: str, tmp_path: Path) -> Cos:
    """`cos` for an installation with a database and a Redis of its own."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    keys.load_or_make(home)
    told = {
        "DATABASE_URL": ledger_dsn,
        "REDIS_URL": redis_url,
        "LEDGER_ARTIFACTS": str(tmp_path / "artifacts"),
        "COS_BACKUP_PASSPHRASE": PASSPHRASE,
    }
    return Cos(home, told)


@pytest.fixture
async def cursor(start_ledger: StartLedger, redis_url: str, cos: Cos) -> str:
    """An installation with some history; the cursor of one who has read all of it."""
    async with (
        start_ledger(ledger_max_upload_mb=10) as url,
        AgentOpsClient(url=url, api_key=ADMIN_KEY) as ops,
    ):
        file = await ops.upload("data.bin", BYTES, media_type="application/octet-stream")
        await ops.create_task(NewTask(title="Keep me", attachments=[file.id]))
        found = (await ops.list_events(after="0")).cursor
    async with Redis.from_url(redis_url) as redis:
        await redis.set("cos:notify:cursor", found)
        await redis.xadd("cos:out:main", {"text": "hello"})
        await redis.set("cos:told:1", "x", ex=1000)
        await redis.set("another:program", "stays out")
    return found


@pytest.fixture
async def emptied(redis_url: str) -> Callable[[], "asyncio.Future[None]"]:
    """Empties the one Redis that the tests share, as a new one is."""

    async def empty() -> None:
        async with Redis.from_url(redis_url) as redis:
            await redis.flushall()

    return lambda: asyncio.ensure_future(empty())


@pytest.fixture
async def elsewhere(postgres_dsn: str, tmp_path: Path) -> Cos:
    """`cos` for an empty place: another database, another folder."""
    told = {
        "DATABASE_URL": postgres_dsn,
        "LEDGER_ARTIFACTS": str(tmp_path / "other-artifacts"),
        "COS_BACKUP_PASSPHRASE": PASSPHRASE,
    }
    return Cos(tmp_path / "other", told)


async def tables(dsn: str) -> int:
    """How many tables a database has."""
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    finally:
        await connection.close()


async def test_an_installation_moves_with_its_history_and_its_readers(
    cos: Cos,
    cursor: str,
    elsewhere: Cos,
    emptied: Callable[[], "asyncio.Future[None]"],
    start_ledger: StartLedger,
    postgres_dsn: str,
    redis_url: str,
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=info\n")
    saved = (await cos.ok("backup", "a.cosbackup", "--json")).json()
    assert saved["artifacts"] == 1
    assert saved["redis_keys"] == 3
    assert (tmp_path / "a.cosbackup").stat().st_mode & 0o777 == 0o600
    await emptied()
    restored = (await elsewhere.ok("restore", "a.cosbackup", "--json", env={"REDIS_URL": redis_url})).json()
    assert restored["rows"] == saved["rows"]
    assert keys.load_or_make(elsewhere.home) == keys.load_or_make(cos.home)
    assert (elsewhere.home / "settings.env").read_text() == "LOG_LEVEL=info\n"
    async with Redis.from_url(redis_url) as redis:
        assert await redis.get("cos:notify:cursor") == cursor.encode()
        assert await redis.xlen("cos:out:main") == 1
        assert 0 < await redis.ttl("cos:told:1") <= 1000
        assert await redis.get("another:program") is None
    moved = start_ledger(
        database_url=SecretStr(postgres_dsn), ledger_artifacts=str(tmp_path / "other-artifacts")
    )
    async with moved as url, AgentOpsClient(url=url, api_key=ADMIN_KEY) as ops:
        kept = await ops.find_task(1)
        [file] = await ops.list_artifacts(kept.id)
        assert await ops.download(file.id, max_bytes=10_000_000) == BYTES
        made = await ops.create_task(NewTask(title="After the move"))
        behind = (await ops.list_events(after=cursor, types=("task.created",))).events
        assert [event.task_id for event in behind] == [made.id]


async def test_a_backup_is_verified_in_an_empty_place_with_servers_of_its_own(cos: Cos, cursor: str) -> None:
    await cos.ok("backup", "a.cosbackup")
    answer = await cos.ok("restore", "--verify", "a.cosbackup")
    assert answer.out.startswith("The backup is good: ")
    assert "1 artifacts" in answer.out


async def test_a_backup_may_lie_in_an_object_store(cos: Cos, cursor: str, tmp_path: Path) -> None:
    (tmp_path / "bucket" / "daily").mkdir(parents=True)
    place = f"{(tmp_path / 'bucket').as_uri()}/daily/one.cosbackup"
    saved = (await cos.ok("backup", place, "--json")).json()
    assert saved["size_bytes"] == (tmp_path / "bucket" / "daily" / "one.cosbackup").stat().st_size
    assert "replaces nothing" in (await cos("backup", place)).err
    assert "cannot be read" in (await cos("restore", "--verify", place + ".not")).err
    with files.read(place) as source:
        content = b"".join([chunk async for chunk in sealing.Opener(source, SecretStr(PASSPHRASE))])
    assert BYTES in content


async def test_a_restore_replaces_nothing(cos: Cos, cursor: str, elsewhere: Cos) -> None:
    await cos.ok("backup", "a.cosbackup")
    over = await cos("restore", "a.cosbackup")
    assert "holds an installation already" in over.err
    taken = {"DATABASE_URL": cos.environment["DATABASE_URL"], "REDIS_URL": cos.environment["REDIS_URL"]}
    full = await elsewhere("restore", "a.cosbackup", env=taken)
    assert "The database is not empty" in full.err
    assert "replaces nothing" in (await cos("backup", "a.cosbackup")).err


async def test_a_file_that_does_not_open_changes_nothing(
    cos: Cos, cursor: str, elsewhere: Cos, postgres_dsn: str, redis_url: str, tmp_path: Path
) -> None:
    await cos.ok("backup", "a.cosbackup")
    file = tmp_path / "a.cosbackup"
    whole = file.read_bytes()
    told = {"REDIS_URL": redis_url}
    for content, passphrase in (
        (whole[:-100_000], PASSPHRASE),
        (whole[:-100_000] + b"?" + whole[-99_999:], PASSPHRASE),
        (whole, "something else entirely"),
    ):
        file.write_bytes(content)
        answer = await elsewhere("restore", "a.cosbackup", env={**told, "COS_BACKUP_PASSPHRASE": passphrase})
        assert answer.code == 1
        assert "damaged" in answer.err
        assert passphrase not in answer.err
        assert [path.name for path in elsewhere.home.iterdir() if path.name != "lock"] == []
        assert await tables(postgres_dsn) == 0


async def test_a_restore_that_breaks_off_leaves_the_stores_empty(
    cos: Cos, cursor: str, elsewhere: Cos, postgres_dsn: str, redis_url: str, monkeypatch: pytest.MonkeyPatch,
    emptied: Callable[[], "asyncio.Future[None]"],
) -> None:  # fmt: skip
    await cos.ok("backup", "a.cosbackup")
    await emptied()
    monkeypatch.setattr(restoring, "_compare", _strict(restoring._compare))
    answer = await elsewhere("restore", "a.cosbackup", env={"REDIS_URL": redis_url})
    assert "the tables task differ" in answer.err
    assert await tables(postgres_dsn) == 0
    async with Redis.from_url(redis_url) as redis:
        assert await redis.dbsize() == 0
    assert [path.name for path in elsewhere.home.iterdir() if path.name != "lock"] == []


def _strict(compare: Callable[..., None]) -> Callable[..., None]:
    """As if a table had come back empty."""
    return lambda rows, found, summary: compare({**rows, "task": 0}, found, summary)


async def test_a_ledger_that_is_not_there_is_said_so(cos: Cos, postgres_dsn: str, tmp_path: Path) -> None:
    empty = await cos("backup", "b.cosbackup", env={"DATABASE_URL": postgres_dsn})
    assert "no ledger in it" in empty.err
    away = await cos("backup", "b.cosbackup", env={"DATABASE_URL": "postgresql://cos:hidden@127.0.0.1:9/x"})
    assert "cannot be reached" in away.err
    assert "hidden" not in away.err
    assert not (tmp_path / "b.cosbackup").exists()
    assert not (tmp_path / "b.cosbackup.part").exists()


def test_the_password_is_not_on_the_command_line() -> None:
    address, password = without_password("postgresql://cos:p%40ss@/name?host=/run/x")
    assert (address, password) == ("postgresql://cos@/name?host=/run/x", "p@ss")


async def test_nobody_is_asked_where_nobody_sits(cos: Cos, cursor: str) -> None:
    answer = await cos("backup", "c.cosbackup", env={"COS_BACKUP_PASSPHRASE": ""})
    assert "Set COS_BACKUP_PASSPHRASE" in answer.err
