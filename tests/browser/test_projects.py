"""Projects: made, followed, and what waits for what."""

import re

import pytest
from playwright.async_api import Page, expect

from agentops import AgentOpsClient
from agentops.wire import NewProject, NewTask
from tests.browser.chromium import Watch
from tests.browser.panel import PanelProcess
from tests.browser.worker import Worker

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_project_is_made_and_opened(page: Page, panel: PanelProcess) -> None:
    await page.goto(f"{panel.url}/projects")
    await expect(page.get_by_text("No projects yet.")).to_be_visible()
    await page.get_by_text("New project").click()
    await page.get_by_label("Name").fill("Move to Ulm")
    await page.get_by_role("button", name="Create").click()
    await page.get_by_role("link", name="Move to Ulm").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Move to Ulm")
    await expect(page.get_by_text("No task of this project waits for another.")).to_be_visible()
    assert [project.name for project in await panel.ops.list_projects()] == ["Move to Ulm"]


async def test_the_graph_follows_the_work(
    page: Page, panel: PanelProcess, ops: AgentOpsClient, worker: Worker
) -> None:
    project = await ops.create_project(NewProject(name="Move"))
    first = await ops.create_task(NewTask(title="Measure the rooms", project_id=project.id))
    await page.goto(f"{panel.url}/projects/{project.id}")
    await ops.create_task(NewTask(title="Order the desk", project_id=project.id, depends_on=[first.id]))
    graph = page.get_by_role("group", name="What waits for what")
    await expect(graph.locator(".graph-line")).to_have_count(1)
    after = graph.get_by_role("link", name="Order the desk")
    await expect(after).to_contain_text(f"waits for {first.number}")
    await worker.take(first)
    await expect(graph.get_by_role("link", name="Measure the rooms")).to_contain_text("Running")
    await worker.finish("Measured.")
    await expect(page.get_by_text("1 of 2 done")).to_be_visible()
    left = [
        await one.evaluate("node => node.getBoundingClientRect().left")
        for one in await graph.locator("li").all()
    ]
    assert left == sorted(left)


async def test_a_project_is_renamed_and_deleted(page: Page, panel: PanelProcess, ops: AgentOpsClient) -> None:
    project = await ops.create_project(NewProject(name="Mvoe"))
    await page.goto(f"{panel.url}/projects/{project.id}")
    await page.get_by_text("Change name or description").click()
    await page.get_by_label("Name").fill("Move")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Move")
    await page.get_by_role("button", name="Delete project").click()
    await expect(page.get_by_role("button", name="Yes, delete it")).to_be_focused()
    await page.get_by_role("button", name="Yes, delete it").click()
    await expect(page).to_have_url(re.compile("/projects$"))
    assert await ops.list_projects() == []


async def test_a_project_that_is_not_there_says_so(page: Page, panel: PanelProcess, watch: Watch) -> None:
    watch.allowed = ("404",)
    answer = await page.goto(f"{panel.url}/projects/nothing")
    assert answer
    assert answer.status == 404
    await expect(page.get_by_role("heading", name="There is no such project.")).to_be_visible()
