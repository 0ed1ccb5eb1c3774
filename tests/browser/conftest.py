"""One panel over a real ledger for each module, emptied for each test, and windows of a real browser."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from agentops import AgentOpsClient
from agentops.wire import NewProject
from ledger.settings import LedgerSettings
from ops.embedded.postgres import SUPERUSER, EmbeddedPostgres
from ops.embedded.redis import EmbeddedRedis
from tests.browser.chromium import Watch, launched, opened
from tests.browser.panel import PanelProcess, running_panel
from tests.browser.worker import Worker
from tests.ledger_fixtures import ADMIN_KEY, AGENT_KEY, READER_KEY, serving
from tests.ports import free_port

OpenWindow = Callable[..., Awaitable[Page]]

_KEPT = ("api_key", "migration")
_EMPTY = """
DO $$ BEGIN EXECUTE (
    SELECT 'TRUNCATE ' || string_agg(format('%I', tablename), ', ') || ' CASCADE' FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> ALL (ARRAY[{kept}])
); END $$
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database(postgres_server: EmbeddedPostgres, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A database for the module."""
    name = request.module.__name__.rpartition(".")[2] + "_browser"
    admin = await asyncpg.connect(postgres_server.dsn_of("postgres", role=SUPERUSER))
    await admin.execute(f"CREATE DATABASE {name} OWNER cos STRATEGY FILE_COPY")
    yield postgres_server.dsn_of(name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site_ledger(
    database: str, redis_server: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """The module's ledger."""
    values: dict[str, Any] = {
        "_env_file": None,
        "database_url": database,
        "redis_url": redis_server.url,
        "ledger_artifacts": str(tmp_path_factory.mktemp("artifacts")),
        "ledger_port": 0,
        "ledger_bootstrap_admin_key": ADMIN_KEY,
        "ledger_bootstrap_agent_key": AGENT_KEY,
        "ledger_bootstrap_reader_key": READER_KEY,
    }
    settings = LedgerSettings(**values)
    async with serving(settings) as url:
        yield url


@pytest.fixture(scope="module")
def site_gateway() -> str:
    """No gateway listens there; the chat's module starts one."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def site_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module's COS_HOME."""
    return tmp_path_factory.mktemp("home")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(site_ledger: str, site_gateway: str, site_home: Path) -> AsyncIterator[PanelProcess]:
    """The module's panel."""
    async with (
        AgentOpsClient(url=site_ledger, api_key=ADMIN_KEY) as ops,
        running_panel(
            home=site_home,
            port=free_port(),
            ops=ops,
            ledger_url=site_ledger,
            gateway_url=site_gateway,
            reader_key=READER_KEY,
        ) as process,
    ):
        yield process


@pytest_asyncio.fixture(loop_scope="session")
async def panel(site: PanelProcess, database: str) -> PanelProcess:
    """The panel over an emptied ledger."""
    connection = await asyncpg.connect(database)
    await connection.execute(_EMPTY.format(kept=", ".join(f"'{table}'" for table in _KEPT)))
    await connection.close()
    # Emptying tables is no event, so make one: open pages of earlier tests look again.
    project = await site.ops.create_project(NewProject(name="emptied"))
    await site.ops.delete_project(project.id)
    return site


@pytest.fixture
def ops(panel: PanelProcess) -> AgentOpsClient:
    """The ledger with an admin's right."""
    return panel.ops


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A running Chromium."""
    async with async_playwright() as playwright, launched(playwright) as chromium:
        yield chromium


@pytest.fixture
def watch(panel: PanelProcess) -> Watch:
    """What no page may do; checked after the test."""
    return Watch(urlsplit(panel.url).netloc)


@pytest_asyncio.fixture(loop_scope="session")
async def window(panel: PanelProcess, browser: Browser, watch: Watch) -> AsyncIterator[OpenWindow]:
    """Opens windows: `await window(size="mobile", scheme="dark")`, signed in unless told otherwise."""
    contexts = []

    async def open_one(*, size: str = "desktop", scheme: str = "light", signed_in: bool = True) -> Page:
        context, page = await opened(browser, watch, size=size, scheme=scheme)
        contexts.append(context)
        if signed_in:
            await page.goto(await panel.login_url())
        return page

    yield open_one
    for context in contexts:
        await context.close()
    assert watch.faults == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(window: OpenWindow) -> Page:
    """One signed-in window at the overview."""
    return await window()


@pytest_asyncio.fixture(loop_scope="session")
async def worker(panel: PanelProcess, site_ledger: str) -> AsyncIterator[Worker]:
    """A registered agent."""
    async with AgentOpsClient(url=site_ledger, api_key=AGENT_KEY) as client:
        agent = Worker(client)
        await agent.register()
        yield agent


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """Where pictures of pages are kept: `COS_SCREENSHOTS`, or with the test."""
    folder = Path(os.environ.get("COS_SCREENSHOTS") or tmp_path / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
