"""What all pages share: the frame, the appearance, the keyboard; and pages with nothing on them yet."""

from pathlib import Path

import pytest
from playwright.async_api import Page, Request, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import OpenWindow
from tests.browser.looking import PHONE, judge
from tests.browser.panel import PanelProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

EMPTY = (
    "/",
    "/talk",
    "/tasks",
    "/tasks?view=board",
    "/projects",
    "/agents",
    "/people",
    "/costs",
    "/settings",
)


@pytest.mark.parametrize("path", EMPTY)
async def test_an_empty_page_fits_and_axe_finds_nothing(
    page: Page, panel: PanelProcess, screenshots: Path, watch: Watch, path: str
) -> None:
    watch.allowed = ("404",)  # pictures of a conversation that the panel still remembers
    name = path.strip("/").replace("?view=", "-") or "overview"
    await judge(page, panel.url + path, f"empty-{name}", screenshots, axe=frozenset({PHONE}))


async def test_signing_in_is_held_to_the_same(
    window: OpenWindow, panel: PanelProcess, watch: Watch, screenshots: Path
) -> None:
    watch.allowed = ("401",)
    page = await window(signed_in=False)
    await judge(page, panel.url, "login", screenshots)


async def test_the_appearance_can_be_set_and_stays(window: OpenWindow, panel: PanelProcess) -> None:
    page = await window(scheme="light")
    light = await _ground(page)
    await page.get_by_role("combobox", name="Appearance").select_option(label="Dark")
    dark = await _ground(page)
    assert dark != light
    await page.goto(f"{panel.url}/tasks")
    assert await _ground(page) == dark
    await page.get_by_role("combobox", name="Appearance").select_option(label="System colours")
    assert await _ground(page) == light
    await page.emulate_media(color_scheme="dark")
    assert await _ground(page) == dark


async def test_everything_is_reached_by_the_keyboard(page: Page, panel: PanelProcess) -> None:
    await page.goto(panel.url)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    reached = [await _tab(page) for _ in range(11)]
    assert {"Overview", "Talk", "Tasks", "Projects", "Settings", "Sign out"} <= set(reached)


async def test_on_a_phone_the_rare_pages_are_behind_one_button(window: OpenWindow) -> None:
    page = await window(size="mobile")
    costs = page.get_by_role("link", name="Costs").filter(visible=True)
    await expect(page.get_by_role("button", name="More")).to_be_visible()
    in_the_rail = await costs.count()  # the overview itself links to the costs
    await page.get_by_role("button", name="More").click()
    await expect(costs).to_have_count(in_the_rail + 1)
    await page.locator(".more").get_by_role("link", name="Costs").click()
    await expect(page).to_have_title("Costs · Chief of Staff")


async def test_a_page_is_light_to_load(window: OpenWindow, panel: PanelProcess) -> None:
    page = await window(signed_in=False, cold=True)
    network = await page.context.new_cdp_session(page)
    await network.send("Network.enable")
    received: list[float] = []
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    await page.goto(await panel.login_url())
    await expect(page.get_by_role("heading", name="Nothing here yet.")).to_be_visible()
    assert 100_000 < sum(received) < 450_000
    assert len([request for request in asked if request.url.startswith("http")]) < 30


async def _ground(page: Page) -> str:
    return str(await page.evaluate("getComputedStyle(document.body).backgroundColor"))


async def _tab(page: Page) -> str:
    await page.keyboard.press("Tab")
    return str(await page.evaluate("document.activeElement.innerText.split('\\n')[0].trim()"))
