"""What work costs, and the budgets."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from agentops import AgentOpsClient
from agentops.wire import (
    BudgetPeriod,
    BudgetScope,
    BudgetUnit,
    NewBudget,
    NewProject,
    UsageKind,
    UsageRecord,
)
from tests.browser.panel import PanelProcess

LOOKED_AGAIN_MS = 30_000
"""What is used is no event: a page that another test has left open looks again every 15 seconds."""

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_what_was_used_is_summed_by_day_project_agent_and_model(
    page: Page, panel: PanelProcess, ops: AgentOpsClient
) -> None:
    project = await ops.create_project(NewProject(name="Move"))
    for kind, amount in ((UsageKind.MONEY, 1_240_000), (UsageKind.TOKENS_IN, 12_400)):
        record = UsageRecord(kind=kind, amount=amount, project_id=project.id, agent="seed-1", model="small")
        await ops.record_usage([record])
    await page.goto(f"{panel.url}/costs")
    await expect(page.locator(".sum-value").first).to_have_text("$1.24", timeout=LOOKED_AGAIN_MS)
    await expect(page.get_by_role("img", name="Money by day; the most was $1.24")).to_be_visible()
    for title, name in (("By project", "Move"), ("By agent", "seed-1"), ("By model", "small")):
        row = page.get_by_role("region", name=title).get_by_role("row").filter(has_text=name)
        await expect(row).to_contain_text("12.4 k")
    await page.get_by_role("link", name="Tokens").click()
    await expect(page.locator(".sum-value").first).to_have_text("12.4 k")
    await page.get_by_role("link", name="7 days").click()
    await expect(page.locator(".chart-bar")).to_have_count(7)


async def test_a_budget_that_is_nearly_spent_is_told_on_the_overview(
    page: Page, panel: PanelProcess, ops: AgentOpsClient
) -> None:
    await ops.create_budget(
        NewBudget(scope=BudgetScope.ALL, unit=BudgetUnit.MONEY, period=BudgetPeriod.DAY, limit=1_000_000)
    )
    await page.goto(panel.url)
    spent = page.get_by_role("region", name="Spent today")
    await expect(spent).to_contain_text("$0.00 of $1.00")
    await ops.record_usage(
        [UsageRecord(kind=UsageKind.MONEY, amount=900_000)]
    )  # a budget.warning comes of it
    await expect(spent).to_contain_text("$0.90 of $1.00")
    await expect(spent).to_contain_text("Nearly spent")


async def test_call_minutes_are_drawn_by_day(page: Page, panel: PanelProcess, ops: AgentOpsClient) -> None:
    now = datetime.now(UTC)
    for days_ago, seconds in ((0, 300), (2, 600)):
        at = now - timedelta(days=days_ago)
        await ops.record_usage([UsageRecord(kind=UsageKind.CALL_SECONDS, amount=seconds, at=at)])
    await page.goto(f"{panel.url}/costs?days=90&unit=calls")
    chart = page.get_by_role("img", name="Calls by day; the most was 10 min")
    await expect(chart).to_be_visible(timeout=LOOKED_AGAIN_MS)
    await expect(page.locator(".sum-value")).to_have_text(["5 min", "15 min"])
    heights = [await bar.get_attribute("style") for bar in await page.locator(".chart-fill").all()]
    assert heights == ["height: 100%;", "height: 50%;"]


@pytest.mark.parametrize("query", ["days=wrong&unit=wrong", "days=-1", "days=99999999"])
async def test_a_wrong_period_shows_the_usual_one(page: Page, panel: PanelProcess, query: str) -> None:
    await page.goto(f"{panel.url}/costs?{query}")
    await expect(page.locator(".chart-bar")).to_have_count(30)
