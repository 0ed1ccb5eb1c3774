"""Every page in light and dark, on a phone, a desk and a wall: nothing overflows; pictures to judge."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from agentops.wire import GateKind, NewTask, NewTurn, Priority
from tests.browser.chromium import Watch
from tests.browser.conftest import OpenWindow
from tests.browser.panel import PanelProcess
from tests.browser.pictures import PNG
from tests.browser.worker import Worker

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

REPORT = (
    b"# sales.csv\n\n|column|mean|max|\n|-|-:|-:|\n|units|6.2|19|\n\n- North sells twice what South does.\n"
)
LONG = "Averyveryverylongwordwithoutanyspace" * 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["mobile", "desktop", "wide"])
async def test_every_page_fits(
    panel: PanelProcess,
    window: OpenWindow,
    worker: Worker,
    screenshots: Path,
    size: str,
    scheme: str,
    watch: Watch,
) -> None:
    watch.allowed = ("404", "401")
    page = await window(size=size, scheme=scheme)
    await _take(page, screenshots / f"overview-empty-{size}-{scheme}.png")
    task_id = await _fill(panel, worker)
    for name, path in {
        "overview": "/",
        "talk": "/talk",
        "tasks": "/tasks",
        "task": f"/tasks/{task_id}",
        "not-found": "/nowhere",
    }.items():
        await page.goto(f"{panel.url}{path}")
        await expect(page.locator("h1").first).to_be_attached()
        await _take(page, screenshots / f"{name}-{size}-{scheme}.png")
        assert await _overflow_px(page) <= 0, path
    await page.context.clear_cookies()
    await page.goto(panel.url)
    await _take(page, screenshots / f"login-{size}-{scheme}.png")


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


async def test_everything_is_reached_by_the_keyboard(window: OpenWindow, panel: PanelProcess) -> None:
    page = await window()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    reached = [await _tab(page) for _ in range(8)]
    assert {"Overview", "Talk", "Tasks", "Sign out"} <= set(reached)


async def test_a_page_is_light_to_load(window: OpenWindow, panel: PanelProcess) -> None:
    page = await window(signed_in=False)
    network = await page.context.new_cdp_session(page)
    await network.send("Network.enable")
    received: list[float] = []
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    await page.goto(await panel.login_url())
    await expect(page.get_by_role("heading", name="Nothing here yet.")).to_be_visible()
    assert sum(received) < 450_000
    assert len(received) < 30


async def _fill(panel: PanelProcess, worker: Worker) -> str:
    ops = panel.ops
    for title, kind in (("Order the desk", GateKind.APPROVAL), (f"Plan {LONG}", GateKind.QUESTION)):
        task = await ops.create_task(NewTask(title=title[:200], priority=Priority.CRITICAL))
        await worker.take(task)
        await worker.ask(f"Shall I? {LONG}", *([] if kind is GateKind.APPROVAL else ["Yes", LONG]), kind=kind)
    failed = await ops.create_task(NewTask(title="Convert the invoices"))
    await worker.take(failed)
    await worker.give_up(f"Line 17: 6 fields where 5 were expected. {LONG}")
    done = await ops.create_task(
        NewTask(title="Analyse sales.csv", description="What stands out?", priority=Priority.HIGH)
    )
    await worker.take(done)
    picture = await worker.make("chart.png", "image/png", PNG)
    await worker.make(f"{LONG}.md", "text/markdown", REPORT)
    await worker.make(
        "wide.csv", "text/csv", (",".join(["column"] * 12) + "\n" + ",".join(["1234567.89"] * 12)).encode()
    )
    await worker.finish(f"Revenue is **€84,120**. {LONG}")
    running = await ops.create_task(NewTask(title="Collect prices of three offers"))
    await worker.take(running)
    await worker.progress(0.62, "Reading offer 2 of 3")
    await ops.create_task(NewTask(title="Draft the answer to the landlord"))
    said = (
        ("person", "create a task to analyse this file"),
        ("chief", f"Created task 4. {LONG}"),
        ("person", LONG),
    )
    for place, (role, text) in enumerate(said):
        await ops.record_turn("main", NewTurn(id=f"turn-{place}", role=role, channel="web", text=text))
    notice = NewTurn(
        id="news", role="notice", channel="notice", text="Done.", attachments=[picture.id], task_id=done.id
    )
    await ops.record_turn("main", notice)
    return done.id


async def _take(page: Page, path: Path) -> None:
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=path, full_page="talk" not in path.name, animations="disabled")


async def _overflow_px(page: Page) -> int:
    """How much wider the page is than the window."""
    return int(
        await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


async def _ground(page: Page) -> str:
    return str(await page.evaluate("getComputedStyle(document.body).backgroundColor"))


async def _tab(page: Page) -> str:
    await page.keyboard.press("Tab")
    return str(await page.evaluate("document.activeElement.innerText.split('\\n')[0].trim()"))
