"""Starting, stopping, and what an open page does meanwhile."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import Watch
from tests.browser.panel import PanelProcess, running_panel
from tests.ledger_fixtures import READER_KEY

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_an_open_page_heals_after_a_restart_and_stays_signed_in(
    page: Page, panel: PanelProcess, site_ledger: str, site_gateway: str, watch: Watch, site_home: Path
) -> None:
    watch.allowed = ("ERR_CONNECTION_REFUSED", "WebSocket", "Failed to load resource", "Failed to fetch")
    await expect(page.get_by_role("heading", name="Nothing here yet.")).to_be_visible()
    assert await panel.stop() < 3
    await expect(page.get_by_text("Connection lost")).to_be_visible()
    async with running_panel(
        home=site_home,
        port=urlsplit(panel.url).port or 0,
        ops=panel.ops,
        ledger_url=site_ledger,
        gateway_url=site_gateway,
        reader_key=READER_KEY,
    ) as again:
        await expect(page.get_by_text("Connection lost")).to_be_hidden(timeout=20_000)
        await expect(page.get_by_role("heading", name="Nothing here yet.")).to_be_visible()
        assert await again.stop() < 3
