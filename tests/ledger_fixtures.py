"""A real ledger for tests: served by uvicorn in this process, over a real PostgreSQL and Redis."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
import uvicorn
from litestar import Litestar

from ledger import migrate
from ledger.http.app import create_app
from ledger.http.services import Services
from ledger.main import opened, server_config
from ledger.settings import LedgerSettings
from ops.embedded.postgres import SUPERUSER, EmbeddedPostgres
from tests.databases import Databases
from tests.waiting import eventually

if TYPE_CHECKING:
    from agentops import AgentOpsClient

ADMIN_KEY = "cos_test-admin-key-0123456789abcdefghijklmnop"
AGENT_KEY = "cos_test-agent-key-0123456789abcdefghijklmnop"
READER_KEY = "cos_test-reader-key-0123456789abcdefghijklmno"

_idle_apps: list[Litestar] = []
"""Built, and served by nobody now: most of a test's time went into building them."""

StartLedger = Callable[..., AbstractAsyncContextManager[str]]


@pytest.fixture
def admin_key() -> str:
    """A key that may do everything."""
    return ADMIN_KEY


@pytest.fixture
def agent_key() -> str:
    """A worker's key."""
    return AGENT_KEY


@pytest.fixture
def reader_key() -> str:
    """A key that may only read."""
    return READER_KEY


@pytest.fixture(scope="session")
def migrated_database(postgres_server: EmbeddedPostgres) -> str:
    """A database with the ledger's tables, to copy: migrating for each test would take most of its time."""
    name = "ledger_template"

    async def make() -> None:
        await _execute(postgres_server, f"CREATE DATABASE {name} OWNER cos")
        await migrate.forwards(postgres_server.dsn_of(name))

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(make())
    return name


@pytest.fixture(scope="session")
def databases(postgres_server: EmbeddedPostgres, migrated_database: str) -> Iterator[Databases]:
    """Where a test gets its database."""
    with closing(Databases(postgres_server, migrated_database)) as databases:
        yield databases


@pytest.fixture
def ledger_dsn(postgres_server: EmbeddedPostgres, databases: Databases) -> Iterator[str]:
    """An empty ledger's database."""
    name = databases.take()
    yield postgres_server.dsn_of(name)
    databases.give_back(name)


async def _execute(server: EmbeddedPostgres, sql: str) -> None:
    connection = await asyncpg.connect(server.dsn_of("postgres", role=SUPERUSER), timeout=10)
    try:
        await connection.execute(sql)
    finally:
        await connection.close(timeout=5)


@pytest.fixture
def ledger_settings(ledger_dsn: str, redis_url: str, tmp_path: Path) -> LedgerSettings:
    """Settings of a ledger on the test's own database."""
    return settings_of(ledger_dsn, redis_url, tmp_path / "artifacts")


def settings_of(dsn: str, redis_url: str, artifacts: Path) -> LedgerSettings:
    """Settings of a ledger for tests; quick to retry and to sweep."""
    values: dict[str, Any] = {
        "_env_file": None,
        "database_url": dsn,
        "redis_url": redis_url,
        "ledger_artifacts": str(artifacts),
        "ledger_port": 0,
        "ledger_max_upload_mb": 1,
        "ledger_retry_base_s": 0.05,
        "ledger_sweep_s": 0.25,
        "ledger_bootstrap_admin_key": ADMIN_KEY,
        "ledger_bootstrap_agent_key": AGENT_KEY,
        "ledger_bootstrap_reader_key": READER_KEY,
    }
    return LedgerSettings(**values)


def _app_of(services: Services) -> Litestar:
    if not _idle_apps:
        return create_app(services)
    app = _idle_apps.pop()
    app.state["services"] = services
    return app


@asynccontextmanager
async def serving(settings: LedgerSettings) -> AsyncIterator[str]:
    """A ledger with these settings; yields its base URL."""
    async with opened(settings, _app_of) as app:
        listener = _listener(settings.cos_bind_host, settings.ledger_port)
        server = _QuietServer(server_config(app, settings))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await eventually(lambda: server.started or task.done(), every_s=0.005)
            yield f"http://{settings.cos_bind_host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
            listener.close()
            _idle_apps.append(app)


def _listener(host: str, port: int) -> socket.socket:
    """Names the protocol: asyncio sets TCP_NODELAY on nothing else, and each answer would wait 40 ms."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


class _QuietServer(uvicorn.Server):
    """Leaves the test runner's signal handlers alone."""

    def capture_signals(self) -> Any:
        return nullcontext()


@pytest.fixture
def start_ledger(ledger_settings: LedgerSettings) -> StartLedger:
    """Starts a ledger: `async with start_ledger(ledger_max_upload_mb=2) as url`. Several may run at once."""

    def start(**changes: Any) -> AbstractAsyncContextManager[str]:
        return serving(ledger_settings.model_copy(update=changes))

    return start


@pytest.fixture
async def ledger_url(start_ledger: StartLedger) -> AsyncIterator[str]:
    """The base URL of a running ledger, without /api/v1."""
    async with start_ledger() as url:
        yield url


@pytest.fixture
async def ops(ledger_url: str) -> AsyncIterator["AgentOpsClient"]:
    """An open client with the admin key."""
    from agentops import AgentOpsClient

    async with AgentOpsClient(url=ledger_url, api_key=ADMIN_KEY) as client:
        yield client
