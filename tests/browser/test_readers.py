"""Whoever signed in for reading sees everything and changes nothing; of settings, test_settings.py says so.

That nothing is said in the owner's name is up to the gateway: tests/acceptance/test_bad_input.py.
"""

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from agentops import AgentOpsClient
from agentops.wire import GateStatus, NewLogin, NewProject, NewTask, Scope
from tests.browser.conftest import OpenWindow
from tests.browser.panel import PanelProcess
from tests.browser.worker import Worker

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def reader(window: OpenWindow, panel: PanelProcess, ops: AgentOpsClient) -> Page:
    """A tab of somebody who may only read."""
    page = await window(signed_in=False)
    login = await ops.create_login(NewLogin(scope=Scope.READER))
    await page.goto(f"{panel.url}/login?token={login.token}")
    return page


async def test_a_reader_answers_no_question(reader: Page, ops: AgentOpsClient, worker: Worker) -> None:
    task = await ops.create_task(NewTask(title="Plan the move"))
    await worker.take(task)
    await worker.ask("Which week?", "12 May")
    await reader.get_by_role("button", name="12 May").click()
    await _refused(reader)
    (gate,) = await ops.list_gates(task_id=task.id)
    assert gate.status is GateStatus.OPEN


async def test_a_reader_stops_cancels_and_deletes_nothing(
    reader: Page, panel: PanelProcess, ops: AgentOpsClient
) -> None:
    project = await ops.create_project(NewProject(name="Move"))
    task = await ops.create_task(NewTask(title="Order the desk", project_id=project.id))
    for path, act, sure in (
        ("/agents", "Stop everything", "Yes, stop"),
        (f"/tasks/{task.id}", "Cancel task", "Yes, cancel"),
    ):
        await reader.goto(panel.url + path)
        await reader.get_by_role("button", name=act).click()
        await reader.get_by_role("button", name=sure).click()
        await _refused(reader)
    assert not (await ops.system()).paused
    assert (await ops.get_task(task.id)).status == "pending"


async def _refused(page: Page) -> None:
    await expect(page.get_by_role("alert").last).to_contain_text("Your login may only read.")
