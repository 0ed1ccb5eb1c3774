"""Looking at a page: in every size, by day and by night, with axe; pictures of it for who wants them."""

import os
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page, ViewportSize, expect

from tests.browser.chromium import SIZES

_AXE = """async () => {
    const found = await axe.run({ resultTypes: ["violations"] });
    const where = (one) => one.nodes.map((node) => node.html).join(" ");
    return found.violations.map((one) => `${one.id}: ${where(one)}`.slice(0, 500));
}"""


async def judge(page: Page, url: str, name: str, screenshots: Path) -> None:
    """Look at one page in every size, loaded once; axe looks at a desk by day and at a phone by night."""
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
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            await _take(page, screenshots / f"{name}-{size}-{scheme}.png")
            if (size, scheme) in {("desktop", "light"), ("mobile", "dark")}:
                assert await page.evaluate(_AXE) == [], (name, size, scheme)


async def _take(page: Page, path: Path) -> None:
    """A picture, if anybody wants to keep it: taking them is most of what these tests would cost."""
    if os.environ.get("COS_SCREENSHOTS"):
        await page.screenshot(path=path, full_page="talk" not in path.name, animations="disabled")


def _size(name: str) -> ViewportSize:
    width, height = SIZES[name]
    return {"width": width, "height": height}


async def _overflow_px(page: Page) -> int:
    """How much wider the page is than the window."""
    return int(
        await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )
