"""Every test that asks for a `ledger` runs twice: against the real one and against the one in memory."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from agentops import AgentOpsClient
from agentops.testing import FakeLedger
from agentops.wire import Scope
from ledger.settings import LedgerSettings
from ops.embedded.postgres import EmbeddedPostgres
from ops.embedded.redis import EmbeddedRedis
from tests.conformance.ledgers import Ledger
from tests.databases import Databases
from tests.ledger_fixtures import ADMIN_KEY, AGENT_KEY, READER_KEY, serving, settings_of


@pytest.fixture(scope="module")
def real_database(databases: Databases) -> Iterator[str]:
    """The name of the real ledger's database."""
    name = databases.take()
    yield name
    databases.give_back(name)


@pytest.fixture(scope="module")
def real_url(
    postgres_server: EmbeddedPostgres,
    real_database: str,
    redis_server: EmbeddedRedis,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """One real ledger for a module's tests, in a thread: one for each test would cost most of the time."""
    dsn = postgres_server.dsn_of(real_database)
    settings = settings_of(dsn, redis_server.url, tmp_path_factory.mktemp("artifacts"))
    with _Thread(settings) as url:
        yield url


class _Thread:
    """A ledger with a thread and an event loop of its own."""

    def __init__(self, settings: LedgerSettings) -> None:
        self._settings = settings
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._url = ""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="ledger")

    def __enter__(self) -> str:
        self._thread.start()
        assert self._ready.wait(30)
        return self._url

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with serving(self._settings) as self._url:
            self._ready.set()
            await self._stop.wait()


@pytest.fixture(params=["real", "in memory"])
def ledger_of(request: pytest.FixtureRequest) -> Ledger:
    """An empty ledger; its clients are not open yet."""
    if request.param == "in memory":
        fake = FakeLedger(retry_base_s=0.05, max_upload_mb=1)
        admin, agent, reader = (fake.client(scope) for scope in (Scope.ADMIN, Scope.AGENT, Scope.READER))
        return Ledger(admin, agent, reader, lambda key: fake.client(api_key=key))
    url: str = request.getfixturevalue("real_url")
    request.getfixturevalue("databases").empty(request.getfixturevalue("real_database"))
    admin, agent, reader = (AgentOpsClient(url, key) for key in (ADMIN_KEY, AGENT_KEY, READER_KEY))
    return Ledger(admin, agent, reader, lambda key: AgentOpsClient(url, key))


@pytest.fixture
async def ledger(ledger_of: Ledger) -> AsyncIterator[Ledger]:
    """A fresh ledger of each kind."""
    async with AsyncExitStack() as stack:
        for client in (ledger_of.admin, ledger_of.agent, ledger_of.reader):
            await stack.enter_async_context(client)
        yield ledger_of
