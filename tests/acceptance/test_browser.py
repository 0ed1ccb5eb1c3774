"""The CSV job as a newcomer does it: the printed link, the chat, a file, a sentence."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import async_playwright, expect

from tests.acceptance.stack import ROOT, Stack
from tests.browser.chromium import Watch, launched, new_page, opened

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]

CSV = ROOT / "docs/examples/coffee-sales.csv"
PATIENCE_MS = 60_000


async def test_a_newcomer_gets_a_report_with_a_picture(stack: Stack, tmp_path: Path) -> None:
    watch = Watch(urlsplit(stack.panel).netloc)
    screenshots = Path(os.environ.get("COS_SCREENSHOTS") or tmp_path)
    async with async_playwright() as playwright, launched(playwright) as browser:
        page = await new_page(await opened(browser), watch)
        await page.goto(stack.login_url)
        await page.goto(f"{stack.panel}/talk")
        await page.set_input_files("input[type=file]", str(CSV))
        box = page.get_by_role("textbox")
        await box.fill("create a task to analyse this file, high priority")
        await box.press("Enter")

        chief = page.locator(".message-chief")
        await expect(chief.first).to_contain_text("coffee-sales.csv", timeout=PATIENCE_MS)
        notice = page.locator(".message-notice")
        await expect(notice).to_contain_text("Done", timeout=PATIENCE_MS)
        picture = notice.locator("img").first
        await expect(picture).to_be_visible()
        assert await picture.evaluate("async image => (await image.decode(), image.naturalWidth)") >= 1200

        await box.fill("What is going on?")
        await box.press("Enter")
        await expect(chief.nth(1)).to_contain_text("Analyse coffee-sales.csv", timeout=PATIENCE_MS)
        await page.screenshot(path=screenshots / "newcomer-talk.png", full_page=True)

        async with stack.ops() as ops:
            (task,) = (await ops.list_tasks(q="coffee-sales")).items
        await page.goto(f"{stack.panel}/tasks/{task.number}")
        await expect(page.get_by_role("heading", level=1, name="Analyse coffee-sales.csv")).to_be_visible()
        await expect(page.locator("main")).to_contain_text("report.md")
        await page.screenshot(path=screenshots / "newcomer-task.png", full_page=True)
    assert watch.faults == []

    async with stack.ops() as ops:
        assert (task.status, task.priority, task.attempt) == ("completed", "high", 1)
        outputs = {
            artifact.name for artifact in await ops.list_artifacts(task.id) if artifact.kind == "output"
        }
    assert outputs == {"report.md", "chart.png"}
