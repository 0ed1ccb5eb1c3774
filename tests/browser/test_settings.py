"""The emergency stop, keys, schedules, budgets, and a test of the channels."""

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from agentops import AgentOpsClient
from agentops.errors import Unauthenticated
from agentops.wire import BudgetUnit, NewLogin, NewSchedule, NewTask, ScheduledNotice, ScheduleStatus, Scope
from tests.browser.conftest import OpenWindow
from tests.browser.panel import PanelProcess
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def settings(page: Page, panel: PanelProcess) -> Page:
    await page.goto(f"{panel.url}/settings")
    return page


async def test_the_emergency_stop_says_who_and_why(settings: Page, ops: AgentOpsClient) -> None:
    stop = settings.get_by_role("region", name="Emergency stop")
    await stop.get_by_label("Why (optional)").fill("wrong customer")
    await stop.get_by_role("button", name="Stop everything").click()
    await expect(stop).to_contain_text("Stopped by")
    await expect(settings.get_by_text("Everything is stopped: wrong customer")).to_be_visible()
    assert (await ops.system()).reason == "wrong customer"
    await stop.get_by_role("button", name="Let it go on").click()
    await expect(stop).to_contain_text("Work goes on as usual.")
    assert not (await ops.system()).paused


async def test_a_key_is_made_shown_once_renewed_and_revoked(
    settings: Page, ops: AgentOpsClient, site_ledger: str
) -> None:
    keys = settings.get_by_role("region", name="Keys")
    await keys.get_by_label("Name").fill("laptop")
    await keys.get_by_label("May").select_option(label="Read")
    await keys.get_by_role("button", name="Create key").click()
    secret = str(await keys.locator(".secret code").text_content())
    async with AgentOpsClient(url=site_ledger, api_key=secret) as holder:
        assert (await holder.whoami()).scope is Scope.READER
        await keys.get_by_role("button", name="I have kept it").click()
        await expect(keys.locator(".secret")).to_have_count(0)
        row = keys.get_by_role("listitem").filter(has_text="laptop").first
        await row.get_by_role("button", name="Renew").click()
        await row.get_by_role("button", name="Yes, renew").click()
        await expect(keys.locator(".secret code")).not_to_have_text(secret)
        await row.get_by_role("button", name="Revoke").click()
        await row.get_by_role("button", name="Yes, revoke").click()
        await expect(settings.get_by_text("The key is revoked.")).to_be_visible()
        with pytest.raises(Unauthenticated):
            await holder.whoami()
    await settings.reload()
    assert secret not in await settings.content()


async def test_a_schedule_is_paused_run_and_deleted(
    page: Page, panel: PanelProcess, ops: AgentOpsClient
) -> None:
    made = await ops.create_schedule(
        NewSchedule(name="Morning report", cron="30 8 * * MON-FRI", task=NewTask(title="Report"))
    )
    await page.goto(f"{panel.url}/settings")
    row = page.get_by_role("listitem").filter(has_text="Morning report")
    await row.get_by_role("button", name="Pause").click()
    await expect(row.get_by_role("button", name="Go on")).to_be_visible()
    assert (await ops.get_schedule(made.id)).status is ScheduleStatus.PAUSED
    await row.get_by_role("button", name="Run now").click()
    await expect(row).to_contain_text("last run")
    assert [task.title for task in (await ops.list_tasks()).items] == ["Report"]
    await row.get_by_role("button", name="Delete").click()
    await row.get_by_role("button", name="Yes, delete").click()
    await expect(row).to_have_count(0)
    assert await ops.list_schedules() == []


async def test_a_budget_is_set_and_taken_away(settings: Page, ops: AgentOpsClient) -> None:
    budgets = settings.get_by_role("region", name="Budgets")
    await budgets.get_by_label("Limit").fill("nothing")
    await budgets.get_by_role("button", name="Set budget").click()
    await expect(settings.get_by_role("alert")).to_contain_text("A limit is a number above zero")
    await budgets.get_by_label("Limit").fill("2,50")
    await budgets.get_by_role("button", name="Set budget").click()
    await expect(budgets).to_contain_text("$0.00 of $2.50")
    (budget,) = await ops.list_budgets()
    assert (budget.unit, budget.limit) == (BudgetUnit.MONEY, 2_500_000)
    await budgets.get_by_role("button", name="Delete").click()
    await budgets.get_by_role("button", name="Yes, delete").click()
    await expect(budgets).to_contain_text("No budget is set.")


async def test_a_test_takes_the_way_of_every_reminder(settings: Page, ops: AgentOpsClient) -> None:
    before = (await ops.list_events(after=None)).cursor
    await settings.get_by_role("button", name="Send a test").click()
    await expect(settings.get_by_text("The test is on its way.")).to_be_visible()

    async def fired() -> bool:
        told = (await ops.list_events(after=before, types=("schedule.fired",))).events
        return any("test from your panel" in str(event.payload) for event in told)

    await eventually(fired, 20)


async def test_who_may_only_read_changes_nothing_and_sees_no_keys(
    window: OpenWindow, panel: PanelProcess, ops: AgentOpsClient
) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    notice = ScheduledNotice(session="main", text="Later")
    made = await ops.create_schedule(NewSchedule(name="Later", at=later, notice=notice))
    page = await window(signed_in=False)
    login = await ops.create_login(NewLogin(scope=Scope.READER))
    await page.goto(f"{panel.url}/login?token={login.token}")
    await page.goto(f"{panel.url}/settings")
    await expect(page.get_by_text("Keys are shown to whoever may do everything.")).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text="Later")
    await row.get_by_role("button", name="Pause").click()
    await expect(page.get_by_role("alert").last).to_contain_text("Your login may only read.")
    assert (await ops.get_schedule(made.id)).status is ScheduleStatus.ACTIVE
