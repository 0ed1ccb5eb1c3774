"""Looking at a page: in every size, by day and by night, with axe; pictures of it for who wants them."""

import asyncio
import base64
import os
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page, ViewportSize, expect

from tests.browser.chromium import SIZES

MAX_HEIGHT_PX = 4_000
Look = tuple[str, str]
"""A size and a scheme of colours."""
DESK: Look = ("desktop", "light")
PHONE: Look = ("mobile", "dark")
BOTH = frozenset({DESK, PHONE})
_AXE = """async () => {
    const found = await axe.run({ resultTypes: ["violations"], preload: false });
    const where = (one) => one.nodes.map((node) => node.html).join(" ");
    return found.violations.map((one) => `${one.id}: ${where(one)}`.slice(0, 500));
}"""


async def judge(page: Page, url: str, name: str, screenshots: Path, *, axe: frozenset[Look] = BOTH) -> None:
    """Look at one page in every size, loaded once.

    Axe looks at a desk by day and at a phone by night, and so do pictures.
    """
    await page.set_viewport_size(_size("desktop"))
    await page.emulate_media(color_scheme="light")
    await page.goto(url)
    await expect(page.locator("h1").first).to_be_attached()
    if await page.locator(".nicegui-content").count():
        await page.wait_for_function("window.did_handshake === true")
    await page.evaluate(AXE_SCRIPT)
    for size in SIZES:
        await page.set_viewport_size(_size(size))
        assert await _overflow_px(page) <= 0, (name, size)
        for _, scheme in (look for look in axe if look[0] == size):
            await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            if _kept():
                await _take(page, screenshots / f"{name}-{size}-{scheme}.jpg")
            assert await page.evaluate(_AXE) == [], (name, size, scheme)


def _kept() -> bool:
    """Whether anybody wants pictures: taking them is most of what these tests would cost."""
    return bool(os.environ.get("COS_SCREENSHOTS"))


async def _take(page: Page, path: Path) -> None:
    """A picture of the whole page, quickly made, as there are many."""
    session = await page.context.new_cdp_session(page)
    whole = "talk" not in path.name  # which scrolls inside
    form = {"format": "jpeg", "quality": 80, "captureBeyondViewport": whole, "optimizeForSpeed": True}
    if whole:
        size = (await session.send("Page.getLayoutMetrics"))["cssContentSize"]
        form["clip"] = {**size, "height": min(size["height"], MAX_HEIGHT_PX), "scale": 1}
    taken = await session.send("Page.captureScreenshot", form)
    await session.detach()
    await asyncio.to_thread(path.write_bytes, base64.b64decode(taken["data"]))


def _size(name: str) -> ViewportSize:
    width, height = SIZES[name]
    return {"width": width, "height": height}


async def _overflow_px(page: Page) -> int:
    """How much wider the page is than the window."""
    return int(
        await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )
