"""Starting, stopping, and what an open page does meanwhile."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Locator, Page, expect

from agentops import AgentOpsClient
from agentops.wire import NewTask
from tests.browser.chromium import Watch
from tests.browser.conftest import OpenWindow, StartPanel
from tests.integration.agentops.cutting_proxy import cutting_proxy
from tests.ports import free_port
from ui import strings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_an_open_page_heals_after_a_restart_and_stays_signed_in(
    start_panel: StartPanel, window: OpenWindow, watch: Watch, tmp_path: Path
) -> None:
    watch.allowed = ("ERR_CONNECTION_REFUSED", "WebSocket", "Failed to load resource", "Failed to fetch")
    port = free_port()
    async with start_panel(home=tmp_path, port=port) as panel:
        watch.host = urlsplit(panel.url).netloc
        page = await window(signed_in=False)
        await page.goto(await panel.login_url())
        await expect(_newcomer(page)).to_be_visible()
        assert await panel.stop() < 15
        await expect(page.get_by_text("Connection lost")).to_be_visible()
    async with start_panel(home=tmp_path, port=port) as again:
        await expect(page.get_by_text("Connection lost")).to_be_hidden(timeout=20_000)
        await expect(_newcomer(page)).to_be_visible()
        assert await again.stop() < 15


async def test_an_open_page_says_that_the_ledger_is_away_and_catches_up(
    start_panel: StartPanel, window: OpenWindow, watch: Watch, site_ledger: str, ops: AgentOpsClient
) -> None:
    async with cutting_proxy(site_ledger) as way, start_panel(ledger_url=way.url) as panel:
        watch.host = urlsplit(panel.url).netloc
        page = await window(signed_in=False)
        await page.goto(await panel.login_url())
        await page.goto(f"{panel.url}/tasks")
        await expect(page.get_by_text("No tasks yet.")).to_be_visible()
        lost = page.get_by_text(strings.LEDGER_LOST)
        async with way.away():
            await expect(lost).to_be_visible()
            await ops.create_task(NewTask(title="Made while nobody heard"))
        await expect(lost).to_be_hidden()
        await expect(page.get_by_role("link", name="Made while nobody heard")).to_be_visible()
        await page.close()  # before the panel goes, which it would complain about


def _newcomer(page: Page) -> Locator:
    return page.get_by_role("heading", name="Nothing here yet.")
