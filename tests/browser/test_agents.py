"""Who works, what seeds have learnt, and the switch that stops it all."""

import pytest
from playwright.async_api import Page, expect

from agentops import AgentOpsClient
from agentops.wire import NewAgent, NewKey, NewSkill, NewTask, Scope, SkillStatus, SkillUse
from tests.browser.conftest import OpenWindow
from tests.browser.panel import PanelProcess
from tests.browser.worker import Worker

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_an_agent_shows_what_it_does(
    page: Page, panel: PanelProcess, ops: AgentOpsClient, worker: Worker
) -> None:
    await page.goto(f"{panel.url}/agents")
    agent = page.get_by_role("listitem").filter(has_text="seed-1")
    await expect(agent).to_contain_text("idle")
    task = await ops.create_task(NewTask(title="Collect prices"))
    await worker.take(task)
    await expect(agent.get_by_role("link", name="Collect prices")).to_be_visible()
    await worker.progress(0.5, "Reading offer 1")
    await expect(agent).to_contain_text("Reading offer 1")
    await expect(agent).to_contain_text("Last heartbeat")


async def test_a_specialist_is_dismissed_with_its_key(
    page: Page, panel: PanelProcess, ops: AgentOpsClient
) -> None:
    await ops.create_key(NewKey(name="translator", scope=Scope.AGENT, expires_in_s=86_400))
    await ops.register_agent(NewAgent(name="translator", kind="specialist", capabilities=["translator"]))
    await page.goto(f"{panel.url}/agents")
    entry = page.get_by_role("listitem").filter(has_text="translator")
    await entry.get_by_role("button", name="Dismiss").click()
    await expect(entry).to_contain_text("Its key ends at once")
    await page.get_by_role("button", name="Yes, dismiss it").click()
    await expect(entry).to_have_count(0)
    assert [key.revoked_at is None for key in await ops.list_keys() if key.name == "translator"] == [False]
    assert "translator" not in [agent.name for agent in await ops.list_agents()]


async def test_a_skill_is_counted_and_retired(page: Page, panel: PanelProcess, ops: AgentOpsClient) -> None:
    await page.goto(f"{panel.url}/agents")
    await expect(page.get_by_text("No skill has been registered yet.")).to_be_visible()
    await ops.register_skill(NewSkill(name="csv-report", sha256="a" * 64))
    await ops.note_skill_use("csv-report", SkillUse(version=1, succeeded=False))
    row = page.get_by_role("row").filter(has_text="csv-report")
    await expect(row).to_be_visible()
    await page.reload()
    # A use is no event: the page looks again with the next heartbeat of the workers.
    await expect(row.get_by_role("cell", name="1", exact=True)).to_have_count(2, timeout=30_000)
    await row.get_by_role("button", name="Retire").click()
    await page.get_by_role("button", name="Yes, retire it").click()
    await expect(row).to_contain_text("retired")
    (skill,) = await ops.list_skills()
    assert skill.status is SkillStatus.RETIRED


async def test_everything_is_stopped_and_every_page_says_so(
    page: Page, window: OpenWindow, panel: PanelProcess, ops: AgentOpsClient
) -> None:
    other = await window()
    await page.goto(f"{panel.url}/agents")
    await page.get_by_role("button", name="Stop everything").click()
    await page.get_by_role("button", name="Yes, stop").click()
    banner = other.get_by_text("Everything is stopped: no task is started.")
    await expect(banner).to_be_visible()
    assert (await ops.system()).paused
    await other.get_by_role("button", name="Let it go on").click()
    await expect(banner).to_be_hidden()
    await expect(page.get_by_role("button", name="Stop everything")).to_be_visible()
    assert not (await ops.system()).paused
