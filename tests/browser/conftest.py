"""One panel over one real ledger and one Chromium for the session; the ledger is emptied for each test."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from agentops import AgentOpsClient
from agentops.wire import NewProject
from ledger.settings import LedgerSettings
from ops.embedded.postgres import EmbeddedPostgres
from ops.embedded.redis import EmbeddedRedis
from tests.browser import scene
from tests.browser.chromium import Watch, emptied_tab, launched, opened
from tests.browser.panel import PanelProcess, running_panel
from tests.browser.scene import Scene
from tests.browser.windows import Windows
from tests.browser.worker import Worker
from tests.databases import Databases
from tests.ledger_fixtures import ADMIN_KEY, AGENT_KEY, READER_KEY, serving
from tests.ports import free_port

OpenWindow = Callable[..., Awaitable[Page]]
StartPanel = Callable[..., AbstractAsyncContextManager[PanelProcess]]
Emptied = Callable[[PanelProcess], Awaitable[PanelProcess]]


@pytest.fixture(scope="session")
def database(databases: Databases) -> Iterator[str]:
    """The name of the ledger's database."""
    name = databases.take()
    yield name
    databases.give_back(name)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site_ledger(
    database: str,
    postgres_server: EmbeddedPostgres,
    redis_server: EmbeddedRedis,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[str]:
    """The ledger."""
    values: dict[str, Any] = {
        "_env_file": None,
        "database_url": postgres_server.dsn_of(database),
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


@pytest.fixture(scope="session")
def start_panel(site_ledger: str, tmp_path_factory: pytest.TempPathFactory) -> StartPanel:
    """Starts panels over the ledger: `async with start_panel(gateway_url=…) as panel`."""

    @asynccontextmanager
    async def start(
        *, gateway_url: str = "", ledger_url: str = "", home: Path | None = None, port: int = 0
    ) -> AsyncIterator[PanelProcess]:
        async with (
            AgentOpsClient(url=site_ledger, api_key=ADMIN_KEY) as ops,
            running_panel(
                home=home or tmp_path_factory.mktemp("home"),
                port=port or free_port(),
                ops=ops,
                ledger_url=ledger_url or site_ledger,
                gateway_url=gateway_url or f"http://127.0.0.1:{free_port()}",
                reader_key=READER_KEY,
            ) as process,
        ):
            yield process

    return start


@pytest.fixture(scope="session")
def no_gateway() -> str:
    """Where the panel looks for a gateway; there is none, unless a test brings one."""
    return f"http://127.0.0.1:{free_port()}"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(start_panel: StartPanel, no_gateway: str) -> AsyncIterator[PanelProcess]:
    """The panel."""
    async with start_panel(gateway_url=no_gateway) as process:
        yield process


@pytest.fixture(scope="session")
def emptied(databases: Databases, database: str) -> Emptied:
    """Leaves nothing in the ledger but keys: `await emptied(panel)`."""

    async def empty(panel: PanelProcess) -> PanelProcess:
        # In a thread: the ledger, whose rows this may have to wait for, is served by this loop.
        await asyncio.to_thread(databases.empty, database)
        # Emptying tables is no event, so make one: open pages of earlier tests look again.
        project = await panel.ops.create_project(NewProject(name="emptied"))
        await panel.ops.delete_project(project.id)
        return panel

    return empty


@pytest_asyncio.fixture(loop_scope="session")
async def panel(site: PanelProcess, emptied: Emptied) -> PanelProcess:
    """The panel over an emptied ledger."""
    return await emptied(site)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shown(site: PanelProcess, emptied: Emptied, site_ledger: str) -> AsyncIterator[Scene]:
    """A busy ledger for the whole module: looking at it changes nothing."""
    await emptied(site)
    async with AgentOpsClient(url=site_ledger, api_key=AGENT_KEY) as client:
        worker = Worker(client)
        await worker.register()
        yield await scene.build(site.ops, worker)


@pytest.fixture
def ops(panel: PanelProcess) -> AgentOpsClient:
    """The ledger with an admin's right."""
    return panel.ops


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A running Chromium."""
    async with async_playwright() as playwright, launched(playwright) as chromium:
        yield chromium


@pytest.fixture
def watch(panel: PanelProcess) -> Watch:
    """What no page may do; checked after the test."""
    return Watch(urlsplit(panel.url).netloc)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def windows(browser: Browser) -> AsyncIterator[Windows]:
    """Windows for all tests that need a second one, or one that nobody is signed in with."""
    windows = Windows(browser)
    yield windows
    await windows.close()


@pytest_asyncio.fixture(loop_scope="session")
async def window(panel: PanelProcess, windows: Windows, watch: Watch) -> AsyncIterator[OpenWindow]:
    """Opens windows with cookies of their own: `await window(size="mobile", scheme="dark")`.

    They are signed in and at the overview, unless told otherwise; one that is `cold` has loaded nothing yet.
    """
    taken: dict[Page, Callable[[], None]] = {}

    async def open_one(
        *, size: str = "desktop", scheme: str = "light", signed_in: bool = True, cold: bool = False
    ) -> Page:
        page = await windows.take(size=size, scheme=scheme, cold=cold)
        taken[page] = watch.over(page)
        if signed_in:
            await page.goto(await panel.login_url())
        return page

    yield open_one
    for page, done in taken.items():
        done()
        await windows.give_back(page)
    assert watch.faults == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def signed_in(site: PanelProcess, browser: Browser) -> AsyncIterator[BrowserContext]:
    """The session's own login, for all tests that need no other: its tabs find scripts in the cache."""
    context = await opened(browser)
    entered = await context.request.get(await site.login_url())
    assert entered.ok, f"{entered.status} at the door"
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(panel: PanelProcess, signed_in: BrowserContext, watch: Watch) -> AsyncIterator[Page]:
    """A tab, signed in, with nothing in it yet.

    Each login has one, as a new one would cost a process, and every script compiled anew.
    """
    tab = next((one for one in signed_in.pages if one.url == "about:blank"), None)
    tab = tab or await signed_in.new_page()
    done = watch.over(tab)
    yield tab
    done()
    await emptied_tab(tab)
    assert watch.faults == []


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
