"""Windows that are used again: a new one would start a process and compile every script anew."""

from collections import defaultdict

from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.chromium import SIZES, emptied_tab, opened


class Windows:
    """Windows with cookies of their own; what was given back is empty, but warm."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[bool, list[Page]] = defaultdict(list)
        self._touched: dict[Page, bool] = {}

    async def take(self, *, size: str = "desktop", scheme: str = "light", cold: bool = False) -> Page:
        """A window with one empty tab that nobody else holds; a `cold` one has nothing in its cache."""
        touched = size == "mobile"
        free = [] if cold else self._free[touched]
        page = free.pop() if free else await self._new(size)
        self._touched[page] = touched
        width, height = SIZES[size]
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        return page

    async def give_back(self, page: Page) -> None:
        """Let the next one have it, unless the test has left it where nothing can be cleared."""
        touched = self._touched.pop(page)
        context = page.context
        if page.is_closed() or not page.url.startswith("http"):
            await context.close()
            return
        await _forget(page, context)
        self._free[touched].append(page)

    async def close(self) -> None:
        """Close those that nobody holds."""
        for page in [page for free in self._free.values() for page in free]:
            await page.context.close()

    async def _new(self, size: str) -> Page:
        context = await opened(self._browser, size=size)
        return await context.new_page()


async def _forget(page: Page, context: BrowserContext) -> None:
    """Nothing of the test is left but what the browser has loaded and compiled."""
    await page.evaluate("localStorage.clear()")
    await emptied_tab(page)
    await context.clear_cookies()
    await context.clear_permissions()
