"""Fixtures for every test: a real PostgreSQL and a real Redis, started once a session."""

import asyncio
import functools
import gc
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import httpx
import pytest
import structlog
from httpx._transports import default as httpx_transports
from redis.asyncio import Redis

from ops.embedded.postgres import SUPERUSER, EmbeddedPostgres
from ops.embedded.redis import EmbeddedRedis
from ops.runner import fast_loop

pytest_plugins = ("tests.ledger_fixtures", "tests.speech_fixtures", "tests.clients", "tests.sharing_out")

QUICK_SCHEMATHESIS_S = 12
_database_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the API is tried with hostile requests."""
    parser.addoption(
        "--schemathesis-s", type=int, default=QUICK_SCHEMATHESIS_S, help="seconds for Schemathesis"
    )
    parser.addoption("--long", action="store_true", help="also the tests that take minutes")


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests run on the loop that the parts run on."""
    return {"fast": fast_loop()}


def pytest_configure() -> None:
    """No looking for garbage while everything is imported."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What was imported stays: looking through it again and again took a tenth of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name the long tests as skipped, with the command that runs them."""
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: `make test-long` runs it"))


@pytest.fixture(autouse=True)
def plain_tracebacks() -> None:
    """structlog's own choice draws every local of every frame with rich: up to 15 s for one exception.

    Before each test: some undo what a part or a command has set up.
    """
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])


@pytest.fixture(scope="session", autouse=True)
def certificates_read_once() -> Iterator[None]:
    """Each client of httpx would read the world's certificates anew: 30 ms, and hardly one needs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx_transports, "create_ssl_context", functools.cache(httpx.create_ssl_context))
        yield


@pytest.fixture(scope="session")
def service_home() -> Iterator[Path]:
    """A COS_HOME for the session's own services, with a short path."""
    home = Path(tempfile.mkdtemp(prefix="cos-tests-"))
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(service_home: Path) -> Iterator[EmbeddedPostgres]:
    """The session's PostgreSQL. Nothing is fsynced: a test database need not survive a power cut."""
    hasty = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    server = EmbeddedPostgres(service_home, settings=hasty)
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(server.start())
        yield server
        runner.run(server.stop())


@pytest.fixture
async def postgres_dsn(postgres_server: EmbeddedPostgres) -> AsyncIterator[str]:
    """A fresh, empty database, dropped after the test with whoever is still connected."""
    name = f"test_{next(_database_numbers)}"
    admin = postgres_server.dsn_of("postgres", role=SUPERUSER)
    await _execute(admin, f"CREATE DATABASE {name} OWNER cos STRATEGY FILE_COPY")
    yield postgres_server.dsn_of(name)
    await _execute(admin, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def redis_server(service_home: Path) -> Iterator[EmbeddedRedis]:
    """The session's Redis."""
    server = EmbeddedRedis(service_home)
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(server.start())
        yield server
        runner.run(server.stop())


@pytest.fixture
async def redis_url(redis_server: EmbeddedRedis) -> str:
    """A real Redis over a unix socket, emptied before the test."""
    async with Redis.from_url(redis_server.url) as client:
        await client.flushall()
    return redis_server.url


async def _execute(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        await connection.execute(sql)
    finally:
        with suppress(TimeoutError):
            await connection.close(timeout=5)
