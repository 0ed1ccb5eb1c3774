"""The embedded PostgreSQL survives what happens to a program on a person's machine."""

import asyncio
import os
import signal
import stat
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psutil
import pytest

from ops.embedded import places
from ops.embedded.postgres import EmbeddedPostgres
from ops.errors import DataUnusable, StartFailed
from tests.integration.ops.conftest import LONG
from tests.waiting import eventually


async def run(dsn: str, sql: str) -> object:
    """Run one statement, return its first value."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def socket_of(server: EmbeddedPostgres) -> Path:
    """The folder that its socket lies in."""
    return Path(parse_qs(urlsplit(server.dsn).query)["host"][0])


@pytest.fixture(scope="module")
def used_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A COS_HOME whose server was started once, to copy: making a cluster takes most of a test's time."""
    place = tmp_path_factory.mktemp("used")

    async def once() -> None:
        async with EmbeddedPostgres(place):
            pass

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(once())
    return place


@pytest.fixture
def used_home(used_before: Path, home: Path) -> Path:
    """A COS_HOME with data of an earlier start."""
    home.mkdir(mode=0o700)
    for name in ("postgres", "postgres.json"):
        subprocess.run(["cp", "-a", str(used_before / name), str(home / name)], check=True)
    return home


def sleeping() -> subprocess.Popen[bytes]:
    """Another program."""
    return subprocess.Popen(["sleep", "600"])


@pytest.mark.parametrize("odd_home", [f"spaces, a comma and 'quotes'/{LONG}"], indirect=True)
async def test_it_starts_after_an_interrupted_first_start_and_keeps_its_data_in_any_path(
    odd_home: Path,
) -> None:
    half_made = odd_home / "postgres.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18")
    async with EmbeddedPostgres(odd_home) as server:
        assert not half_made.exists()
        for private in (odd_home, odd_home / "postgres", socket_of(server)):
            assert stat.S_IMODE(private.stat().st_mode) == 0o700, private
        assert stat.S_IMODE((odd_home / "postgres.json").stat().st_mode) == 0o600
        await run(server.dsn, "CREATE TABLE kept AS SELECT 42 AS x")
    async with EmbeddedPostgres(odd_home) as server:
        assert await run(server.dsn, "SELECT x FROM kept") == 42


async def test_nobody_else_can_reach_it(postgres_server: EmbeddedPostgres) -> None:
    assert psutil.Process(postgres_server.pid).net_connections("inet") == []
    with pytest.raises(asyncpg.InvalidPasswordError):
        await run(postgres_server.dsn.replace("://cos:", "://cos:x"), "SELECT 1")


async def test_the_application_cannot_read_files(postgres_server: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(postgres_server.dsn, "SELECT pg_read_file('/etc/passwd')")


async def test_text_is_compared_as_unicode(postgres_server: EmbeddedPostgres) -> None:
    assert await run(postgres_server.dsn, "SELECT 'ÜBERSICHT' ILIKE 'übersicht'") is True


async def test_a_killed_postmaster_is_started_again_with_nothing_lost(used_home: Path) -> None:
    async with EmbeddedPostgres(used_home) as server:
        await run(server.dsn, "CREATE TABLE kept AS SELECT 42 AS x")
        lost = await asyncpg.connect(server.dsn, timeout=10)
        killed = server.pid
        os.kill(killed, signal.SIGKILL)
        assert await server.wait() == -signal.SIGKILL
        await server.start()
        assert server.pid != killed
        assert await run(server.dsn, "SELECT x FROM kept") == 42
        lost.terminate()


async def test_a_busy_backend_without_a_postmaster_does_not_hinder_the_next_start(used_home: Path) -> None:
    async with EmbeddedPostgres(used_home) as server:
        busy = await asyncpg.connect(server.dsn, timeout=10)
        # A loop in the server that does not look whether its postmaster lives.
        work = asyncio.create_task(
            busy.execute("DO $$ DECLARE n bigint := 0; BEGIN LOOP n := n + 1; END LOOP; END $$")
        )
        await eventually(lambda: _state_is_active(server.dsn))
        os.kill(server.pid, signal.SIGKILL)
        await server.wait()
        await server.start()
        assert await run(server.dsn, "SELECT 1") == 1
        with pytest.raises((asyncpg.PostgresError, OSError)):
            await work
        busy.terminate()


async def _state_is_active(dsn: str) -> bool:
    sql = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'"
    return await run(dsn, sql) == 1


async def test_a_stale_pid_file_that_names_another_program_is_no_hindrance(used_home: Path) -> None:
    async with EmbeddedPostgres(used_home):
        held = (used_home / "postgres" / "postmaster.pid").read_text().splitlines()
    with sleeping() as stranger:
        (used_home / "postgres" / "postmaster.pid").write_text(
            "\n".join([str(stranger.pid), *held[1:]]) + "\n"
        )
        async with EmbeddedPostgres(used_home) as server:
            assert await run(server.dsn, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


async def test_a_server_left_over_by_a_killed_supervisor_is_replaced(used_home: Path) -> None:
    left_over = EmbeddedPostgres(used_home)
    await left_over.start()
    async with EmbeddedPostgres(used_home) as server:
        assert await run(server.dsn, "SELECT 1") == 1
        assert await left_over.wait() == 0


async def test_it_stops_at_once_though_clients_are_connected(used_home: Path) -> None:
    async with EmbeddedPostgres(used_home) as server:
        client = await asyncpg.connect(server.dsn, timeout=10)
        await client.execute("BEGIN")
        async with asyncio.timeout(2):
            await server.stop()
        assert await server.wait() == 0
        client.terminate()


async def test_why_it_did_not_start_is_in_the_error(used_home: Path) -> None:
    with pytest.raises(StartFailed, match="no_such_setting"):
        await EmbeddedPostgres(used_home, settings={"no_such_setting": "1"}).start()


async def test_lost_passwords_are_named(used_home: Path) -> None:
    async with EmbeddedPostgres(used_home):
        pass
    (used_home / "postgres.json").unlink()
    with pytest.raises(DataUnusable, match=r"postgres\.json"):
        await EmbeddedPostgres(used_home).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a directory away")
async def test_a_home_of_another_user_is_refused(home: Path) -> None:
    os.chown(places.private_directory(home), 65534, 65534)
    with pytest.raises(DataUnusable, match="65534"):
        await EmbeddedPostgres(home).start()


def test_a_socket_of_a_long_path_lies_in_a_private_directory_below_tmp(home: Path) -> None:
    long = home / ("x" * 100)
    directory = places.socket_directory(long)
    try:
        assert directory.parent == Path("/tmp")
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert places.socket_directory(long) == directory
    finally:
        directory.rmdir()
