"""The list of tasks, and one task with everything that happened to it."""

import re

import httpx
import pytest
from playwright.async_api import Page, expect

from agentops.wire import NewProject, NewTask, Priority, TaskStatus
from tests.browser.chromium import Watch
from tests.browser.panel import PanelProcess
from tests.browser.pictures import PNG
from tests.browser.worker import Worker
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

REPORT = b"# sales.csv\n\n|column|mean|\n|-|-:|\n|units|6.2|\n\n![chart](chart.png)\n"
CSV = b"date,units,price\n2026-01-12,3,9.90\n2026-01-13,7,12.50\n"


async def test_the_list_says_where_tasks_come_from(page: Page, panel: PanelProcess) -> None:
    await page.goto(f"{panel.url}/tasks")
    await expect(page.get_by_text("No tasks yet.")).to_be_visible()
    await expect(page.get_by_role("main").get_by_role("link", name="Open the chat")).to_be_visible()


async def test_tasks_are_found_by_status_and_by_words(
    page: Page, panel: PanelProcess, worker: Worker
) -> None:
    for title in ("Analyse sales.csv", "Draft a letter", "Analyse costs.csv"):
        await panel.ops.create_task(NewTask(title=title))
    (sales,) = (await panel.ops.list_tasks(q="sales")).items
    await worker.take(sales)
    await page.goto(f"{panel.url}/tasks")
    rows = page.locator(".task-row")
    await expect(rows).to_have_count(3)

    await page.get_by_role("button", name="Running").click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Analyse sales.csv")
    await expect(page.get_by_role("button", name="Running")).to_have_attribute("aria-pressed", "true")
    await expect(page).to_have_url(re.compile(r"status=in_progress"))

    await page.get_by_role("button", name="All").click()
    await page.get_by_role("searchbox").fill("analyse")
    await expect(rows).to_have_count(2)
    await page.get_by_role("searchbox").fill("nothing like it")
    await expect(page.get_by_text("No task matches.")).to_be_visible()


async def test_a_choice_is_in_the_address(page: Page, panel: PanelProcess) -> None:
    await panel.ops.create_task(NewTask(title="Draft a letter"))
    await panel.ops.create_task(NewTask(title="Analyse costs"))
    await page.goto(f"{panel.url}/tasks?status=pending&q=letter")
    await expect(page.locator(".task-row")).to_have_count(1)
    await expect(page.get_by_role("searchbox")).to_have_value("letter")
    await page.goto(f"{panel.url}/tasks?status=nonsense")
    await expect(page.locator(".task-row")).to_have_count(2)


async def test_the_list_is_live(page: Page, panel: PanelProcess, worker: Worker) -> None:
    await page.goto(f"{panel.url}/tasks")
    await expect(page.get_by_text("No tasks yet.")).to_be_visible()
    task = await panel.ops.create_task(NewTask(title="Analyse sales.csv"))
    row = page.locator(".task-row")
    await expect(row).to_contain_text("Waiting")
    await worker.take(task)
    await expect(row).to_contain_text("Running")
    await worker.give_up("Line 17: 6 fields where 5 were expected.")
    await expect(row).to_contain_text("Failed")
    await expect(row).to_contain_text("Line 17")


async def test_a_long_list_comes_in_pages(page: Page, panel: PanelProcess) -> None:
    await panel.ops.create_tasks([NewTask(title=f"Task of many {n}") for n in range(60)])
    await page.goto(f"{panel.url}/tasks")
    rows = page.locator(".task-row")
    await expect(rows).to_have_count(50)
    await expect(page.get_by_role("button", name="Back", exact=True)).to_be_hidden()
    await page.get_by_role("button", name="Next", exact=True).click()
    await expect(rows).to_have_count(10)
    await expect(rows.last).to_contain_text("Task of many 0")
    await expect(page.get_by_role("button", name="Next", exact=True)).to_be_hidden()
    await page.reload()
    await expect(rows).to_have_count(10)
    await page.get_by_role("button", name="Back", exact=True).click()
    await expect(rows).to_have_count(50)
    await expect(rows.first).to_contain_text("Task of many 59")


async def test_a_place_that_the_ledger_does_not_know_shows_a_way_out(page: Page, panel: PanelProcess) -> None:
    await panel.ops.create_task(NewTask(title="Draft a letter"))
    await page.goto(f"{panel.url}/tasks?cursor=wrong&project=wrong")
    await page.get_by_role("link", name="Show all tasks").click()
    await expect(page.locator(".task-row")).to_have_count(1)


async def test_tasks_are_narrowed_by_project_and_priority_and_ordered(
    page: Page, panel: PanelProcess
) -> None:
    project = await panel.ops.create_project(NewProject(name="Move"))
    await panel.ops.create_task(NewTask(title="Urgent", priority=Priority.CRITICAL, project_id=project.id))
    await panel.ops.create_task(NewTask(title="Ordinary", project_id=project.id))
    await panel.ops.create_task(NewTask(title="Elsewhere"))
    await page.goto(f"{panel.url}/tasks")
    rows = page.locator(".task-row")
    await page.get_by_label("Project").select_option(label="Move")
    await expect(rows).to_have_count(2)
    await page.get_by_label("Order").select_option(label="Most urgent")
    await expect(rows.first).to_contain_text("Urgent")
    await expect(page).to_have_url(re.compile(f"project={project.id}.*sort=priority"))
    await page.get_by_label("Priority").select_option(label="Medium")
    await expect(rows).to_have_count(1)
    await page.reload()
    await expect(rows).to_contain_text("Ordinary")


async def test_the_board_has_a_lane_for_each_status_and_is_live(
    page: Page, panel: PanelProcess, worker: Worker
) -> None:
    await page.goto(f"{panel.url}/tasks")
    await page.get_by_role("link", name="Board").click()
    task = await panel.ops.create_task(NewTask(title="Analyse sales.csv"))
    waiting = page.get_by_role("region", name="Waiting")
    await expect(waiting.get_by_role("link", name="Analyse sales.csv")).to_be_visible()
    await worker.take(task)
    running = page.get_by_role("region", name="Running")
    await expect(running.get_by_role("link", name="Analyse sales.csv")).to_be_visible()
    await expect(waiting.get_by_text("None.")).to_be_visible()
    await page.get_by_role("link", name="List").click()
    await expect(page.locator(".task-row")).to_have_count(1)


async def test_lists_and_boards_are_walked_by_the_arrow_keys(
    page: Page, panel: PanelProcess, worker: Worker
) -> None:
    for title in ("First", "Second", "Third"):
        task = await panel.ops.create_task(NewTask(title=title))
    await worker.take(task)
    await page.goto(f"{panel.url}/tasks")
    await expect(page.locator(".task-row")).to_have_count(3)
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    for key, title in (("ArrowDown", "Third"), ("ArrowDown", "Second"), ("End", "First"), ("Home", "Third")):
        await page.keyboard.press(key)
        await expect(page.locator(":focus")).to_contain_text(title)
    await page.goto(f"{panel.url}/tasks?view=board")
    await page.get_by_role("link", name="Second").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(":focus")).to_contain_text("Third")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Third")


async def test_what_is_being_searched_for_survives_news(page: Page, panel: PanelProcess) -> None:
    await page.goto(f"{panel.url}/tasks")
    await page.get_by_role("searchbox").fill("letter")
    await panel.ops.create_task(NewTask(title="Draft a letter"))
    await expect(page.locator(".task-row")).to_have_count(1)
    await expect(page.get_by_role("searchbox")).to_have_value("letter")


async def test_a_task_has_its_whole_story(page: Page, panel: PanelProcess, worker: Worker) -> None:
    given = await panel.ops.upload("sales.csv", CSV, media_type="text/csv")
    task = await panel.ops.create_task(
        NewTask(
            title="Analyse sales.csv",
            description="What *stands out*?",
            acceptance_criteria=["One chart"],
            priority=Priority.HIGH,
            attachments=[given.id],
        )
    )
    await page.goto(f"{panel.url}/tasks/{task.number}")
    await expect(page).to_have_title(f"Task {task.number} · Chief of Staff")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Analyse sales.csv")
    await expect(page.get_by_text("One chart")).to_be_visible()
    await expect(page.get_by_role("cell", name="12.50")).to_be_visible()

    await worker.take(task)
    await worker.progress(0.5, "Drawing the chart")
    await expect(page.get_by_text("Drawing the chart")).to_be_visible()
    await worker.make("chart.png", "image/png", PNG)
    await worker.make("report.md", "text/markdown", REPORT)
    await worker.make("data.bin", "application/octet-stream", b"\x00")
    await worker.make("transcript-1.md", "text/markdown", b"## Skill csv-report\n", kind="record")
    await worker.make("memory.tar.gz", "application/gzip", b"\x00", kind="record")
    await worker.finish("Two rows, **no** gaps.")

    made = page.get_by_role("region", name="Made")
    await expect(made.get_by_role("heading", name="sales.csv")).to_be_visible()
    await expect(made.get_by_role("cell", name="6.2")).to_be_visible()
    await expect(made.get_by_role("img")).to_have_count(2)
    await expect(made.get_by_role("link", name="Download data.bin")).to_be_visible()
    await expect(page.get_by_role("region", name="Result")).to_contain_text("Two rows, no gaps.")
    done = page.get_by_role("region", name="How it was done")
    await done.get_by_text("Transcript of run 1").click()
    await expect(done.get_by_role("heading", name="Skill csv-report")).to_be_visible()
    await expect(page.get_by_role("link", name="Download memory.tar.gz")).to_have_count(0)
    timeline = page.get_by_role("region", name="Timeline")
    await expect(timeline).to_contain_text("Created")
    await expect(timeline).to_contain_text("Taken by seed-1")
    await expect(timeline).to_contain_text("Completed")
    await expect(page.get_by_role("button", name="Cancel task")).to_be_hidden()


async def test_a_task_is_found_by_its_id_too(page: Page, panel: PanelProcess) -> None:
    task = await panel.ops.create_task(NewTask(title="By its id"))
    await page.goto(f"{panel.url}/tasks/{task.id}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("By its id")


@pytest.mark.parametrize("name", ["999999", "no-such-id", "00000000-0000-0000-0000-000000000000", "-1", "٣"])
async def test_a_task_that_is_not_there_says_so(
    page: Page, panel: PanelProcess, watch: Watch, name: str
) -> None:
    watch.allowed = ("404",)
    answer = await page.goto(f"{panel.url}/tasks/{name}")
    assert answer
    assert answer.status == 404
    await expect(page.get_by_role("heading", name="There is no such task.")).to_be_visible()


async def test_cancelling_asks_first(page: Page, panel: PanelProcess) -> None:
    task = await panel.ops.create_task(NewTask(title="Not needed"))
    await page.goto(f"{panel.url}/tasks/{task.number}")
    await page.get_by_role("button", name="Cancel task").click()
    await page.get_by_role("button", name="Keep it").click()
    assert (await panel.ops.get_task(task.id)).status is TaskStatus.PENDING
    await page.get_by_role("button", name="Cancel task").click()
    await page.get_by_role("button", name="Yes, cancel it").click()
    await expect(page.locator(".task-meta")).to_contain_text("Cancelled")
    assert (await panel.ops.get_task(task.id)).status is TaskStatus.CANCELLED


async def test_what_failed_can_be_tried_again(page: Page, panel: PanelProcess, worker: Worker) -> None:
    task = await panel.ops.create_task(NewTask(title="Convert the invoices"))
    await worker.take(task)
    await worker.give_up("Line 17: 6 fields where 5 were expected.")
    await page.goto(f"{panel.url}/tasks/{task.number}")
    await expect(page.get_by_role("region", name="Why it failed")).to_contain_text("Line 17")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".task-meta")).to_contain_text("Waiting")
    assert (await panel.ops.get_task(task.id)).status is TaskStatus.PENDING


async def test_a_question_is_answered_on_the_page_of_its_task(
    page: Page, panel: PanelProcess, worker: Worker
) -> None:
    task = await panel.ops.create_task(NewTask(title="Plan the move"))
    await worker.take(task)
    await worker.ask("Which week?", "12 May")
    await page.goto(f"{panel.url}/tasks/{task.number}")
    await page.get_by_role("button", name="12 May").click()
    await expect(page.get_by_text("Answered: 12 May")).to_be_visible()


async def test_files_come_with_the_right_of_the_session(panel: PanelProcess) -> None:
    picture = await panel.ops.upload('a "ü".png', PNG, media_type="image/png")
    page = await panel.ops.upload("page.html", b"<script>alert(1)</script>", media_type="text/html")
    drawing = await panel.ops.upload("d.svg", b"<svg onload='alert(1)'/>", media_type="image/svg+xml")
    async with httpx.AsyncClient(base_url=panel.url) as http:
        assert (await http.get(f"/files/{picture.id}")).status_code == 401
        await http.get(await panel.login_url())
        shown = await http.get(f"/files/{picture.id}")
        assert shown.content == PNG
        assert shown.headers["content-type"] == "image/png"
        assert shown.headers["content-disposition"].startswith("inline")
        assert shown.headers["content-security-policy"].startswith("sandbox")
        again = await http.get(f"/files/{picture.id}", headers={"If-None-Match": shown.headers["etag"]})
        assert again.status_code == 304
        for hostile in (page, drawing):
            kept = await http.get(f"/files/{hostile.id}")
            assert kept.headers["content-type"] == "application/octet-stream"
            assert kept.headers["content-disposition"].startswith("attachment")
            assert kept.headers["x-content-type-options"] == "nosniff"
        assert (await http.get("/files/no-such-file")).status_code == 404


async def test_a_download_is_the_file(page: Page, panel: PanelProcess) -> None:
    given = await panel.ops.upload("sales.csv", CSV, media_type="text/csv")
    task = await panel.ops.create_task(NewTask(title="Analyse", attachments=[given.id]))
    await page.goto(f"{panel.url}/tasks/{task.number}")
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Download sales.csv").click()
    download = await waiting.value
    assert download.suggested_filename == "sales.csv"
    assert (await download.path()).read_bytes() == CSV


async def test_a_picture_is_shown_as_it_is(page: Page, panel: PanelProcess, worker: Worker) -> None:
    task = await panel.ops.create_task(NewTask(title="Draw"))
    await worker.take(task)
    await worker.make("chart.png", "image/png", PNG)
    await page.goto(f"{panel.url}/tasks/{task.number}")
    picture = page.get_by_role("img", name="chart.png")
    await eventually(lambda: picture.evaluate("image => image.naturalWidth"))
    assert await picture.evaluate("image => image.naturalWidth") == 480
