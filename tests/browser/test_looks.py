"""Every page of a busy ledger, on a phone, a desk and a wall, day and night: it fits, axe finds nothing."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.chromium import Watch
from tests.browser.looking import judge
from tests.browser.panel import PanelProcess
from tests.browser.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGES = (
    "overview",
    "talk",
    "tasks",
    "tasks-board",
    "task",
    "task-asking",
    "projects",
    "project",
    "agents",
    "people",
    "person",
    "costs",
    "settings",
    "not-found",
)


@pytest.fixture
def panel(site: PanelProcess, shown: Scene) -> PanelProcess:
    """The panel over that ledger."""
    return site


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_fits_and_axe_finds_nothing(
    page: Page, panel: PanelProcess, shown: Scene, watch: Watch, screenshots: Path, name: str
) -> None:
    watch.allowed = ("404",)
    await judge(page, panel.url + shown.paths[name], name, screenshots)


async def test_every_page_is_looked_at(shown: Scene) -> None:
    assert set(PAGES) == set(shown.paths)
