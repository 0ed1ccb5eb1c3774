"""Chromium for tests: found on the machine, silent on the network, and watched."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Playwright

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    # A page finds the process of the page before, with every script compiled; `about:blank` stays in it too.
    "--process-per-site",
    "--renderer-process-limit=1",
    "--disable-site-isolation-trials",
]
SIZES = {"desktop": (1280, 800), "mobile": (360, 740), "wide": (2560, 1400)}


def executable() -> str:
    """Where Chromium is; without one the test is skipped, and says so."""
    for name in ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on this machine: install the package `chromium`")


@asynccontextmanager
async def launched(playwright: Playwright) -> AsyncIterator[Browser]:
    """A Chromium that is closed again."""
    browser = await playwright.chromium.launch(executable_path=executable(), args=ARGS, headless=True)
    try:
        yield browser
    finally:
        await browser.close()


@dataclass
class Watch:
    """What a page did that no page should do."""

    host: str
    faults: list[str] = field(default_factory=list)
    allowed: tuple[str, ...] = ()
    """Parts of messages that a test provokes on purpose."""

    def over(self, page: Page) -> Callable[[], None]:
        """Note errors, dialogs and requests to other hosts, until what is returned is called."""
        heard: dict[str, Callable[[Any], None]] = {
            "console": lambda message: self._note(
                f"console: {message.text}", is_fault=message.type == "error"
            ),
            "pageerror": lambda error: self._note(f"script: {error}"),
            "dialog": lambda dialog: self._note(f"dialog: {dialog.message}"),
            "request": lambda request: self._note(
                f"left: {request.url}", is_fault=not self._is_ours(request.url)
            ),
        }
        for event, note in heard.items():
            page.on(event, note)  # type: ignore[call-overload]  # one overload for each name

        def done() -> None:
            for event, note in heard.items():
                page.remove_listener(event, note)

        return done

    def _is_ours(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme in {"data", "blob"} or parts.netloc == self.host

    def _note(self, text: str, *, is_fault: bool = True) -> None:
        if is_fault and not any(part in text for part in self.allowed):
            self.faults.append(text)


async def opened(browser: Browser, *, size: str = "desktop", scheme: str = "light") -> BrowserContext:
    """Windows with their own cookies."""
    width, height = SIZES[size]
    return await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=size == "mobile",
        locale="en-GB",
    )


async def new_page(context: BrowserContext, watch: Watch) -> Page:
    """A watched tab."""
    page = await context.new_page()
    watch.over(page)
    return page


async def emptied_tab(page: Page) -> None:
    """The tab as it was when it was new, but warm."""
    if page.is_closed():
        return
    await page.evaluate("sessionStorage.clear()")
    await page.set_extra_http_headers({})
    await page.goto("about:blank")
    width, height = SIZES["desktop"]
    await page.set_viewport_size({"width": width, "height": height})
    await page.emulate_media(color_scheme="light")
