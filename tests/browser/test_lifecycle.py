"""Starting, stopping, and what an open page does meanwhile."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import OpenWindow, StartPanel
from tests.ports import free_port

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


def _newcomer(page: Page) -> Locator:
    return page.get_by_role("heading", name="Nothing here yet.")
