"""What stops work, and what it costs, on both ledgers: the pause, usage, budgets."""

import pytest

from agentops import BudgetExhausted, Forbidden, Paused, VersionConflict
from agentops.errors import BudgetExists, BudgetNotFound
from agentops.wire import (
    BudgetPatch,
    BudgetPeriod,
    BudgetScope,
    BudgetState,
    BudgetUnit,
    ClaimNextRequest,
    ClaimRequest,
    Heartbeat,
    NewBudget,
    NewProject,
    NewTask,
    UsageGroup,
    UsageKind,
    UsageRecord,
)
from tests.conformance.ledgers import SEED, Ledger

DAILY = NewBudget(scope=BudgetScope.ALL, unit=BudgetUnit.TOKENS, period=BudgetPeriod.DAY, limit=100)


def tokens(amount: int, **more: object) -> UsageRecord:
    return UsageRecord(kind=UsageKind.TOKENS_OUT, amount=amount, **more)  # type: ignore[arg-type]


async def test_while_everything_is_paused_nothing_is_given_out(ledger: Ledger) -> None:
    held = await ledger.claimed()
    task = await ledger.task()
    first = await ledger.admin.pause("fire drill")
    again = await ledger.admin.pause("another reason")
    assert (first.paused, first.reason, again) == (True, "fire drill", first)
    answer = await ledger.agent.claim_batch(ClaimNextRequest(agent=SEED))
    assert (answer.claims, answer.paused) == ([], True)
    with pytest.raises(Paused):
        await ledger.agent.claim(task.id, ClaimRequest(agent=SEED, version=task.version))
    assert (await ledger.agent.heartbeat(held.task.id, Heartbeat(epoch=held.epoch))).paused
    with pytest.raises(Forbidden):
        await ledger.agent.resume()

    assert not (await ledger.admin.resume("all is well")).paused
    assert not (await ledger.reader.system()).paused
    assert len(await ledger.agent.claim_next(ClaimNextRequest(agent=SEED))) == 1
    told = (await ledger.admin.list_events(after="0", types=["system.*"])).events
    assert [(event.type, event.payload["reason"]) for event in told] == [
        ("system.paused", "fire drill"),
        ("system.resumed", "all is well"),
    ]


async def test_a_worker_reports_what_its_task_used_and_nothing_else(ledger: Ledger) -> None:
    project = await ledger.admin.create_project(NewProject(name="Move"))
    claim = await ledger.claimed(NewTask(title="Count the boxes", project_id=project.id))
    money = UsageRecord(kind=UsageKind.MONEY, amount=7, task_id=claim.task.id, model="m")
    done = await ledger.agent.record_usage([tokens(5, task_id=claim.task.id), money])
    assert (done.recorded, done.budgets) == (2, [])
    other = await ledger.task()
    for wrong in (tokens(1), tokens(1, task_id=other.id)):
        with pytest.raises(Forbidden):
            await ledger.agent.record_usage([wrong])
    await ledger.admin.record_usage([tokens(3)])
    by_agent = await ledger.reader.sum_usage(UsageGroup.AGENT)
    assert [(one.group, one.tokens_out, one.money) for one in by_agent] == [(SEED, 5, 7), (None, 3, 0)]
    by_project = await ledger.reader.sum_usage(UsageGroup.PROJECT, project_id=project.id)
    assert [(one.group, one.tokens_out) for one in by_project] == [(project.id, 5)]


async def test_a_budget_warns_then_stops_claims_and_a_higher_limit_lets_them_go_on(ledger: Ledger) -> None:
    budget = await ledger.admin.create_budget(DAILY)
    assert (budget.spent, budget.state, budget.period_end is None) == (0, BudgetState.OK, False)
    with pytest.raises(BudgetExists):
        await ledger.admin.create_budget(DAILY)
    task = await ledger.task()
    warned = (await ledger.admin.record_usage([tokens(80)])).budgets
    assert [(one.spent, one.state) for one in warned] == [(80, BudgetState.WARNING)]
    await ledger.admin.record_usage([tokens(30)])

    answer = await ledger.agent.claim_batch(ClaimNextRequest(agent=SEED))
    assert (answer.claims, [one.budget_id for one in answer.stopped]) == ([], [budget.id])
    with pytest.raises(BudgetExhausted):
        await ledger.agent.claim(task.id, ClaimRequest(agent=SEED, version=task.version))
    with pytest.raises(VersionConflict):
        await ledger.admin.update_budget(budget.id, BudgetPatch(limit=200, version=budget.version + 1))
    raised = await ledger.admin.update_budget(budget.id, BudgetPatch(limit=200))
    assert (raised.spent, raised.state) == (110, BudgetState.OK)
    assert len(await ledger.agent.claim_next(ClaimNextRequest(agent=SEED))) == 1
    told = (await ledger.admin.list_events(after="0", types=["budget.*"])).events
    assert [event.type for event in told] == [
        "budget.created", "budget.warning", "budget.exhausted", "budget.updated",
    ]  # fmt: skip


async def test_a_spent_budget_of_one_agent_stops_no_other(ledger: Ledger) -> None:
    wish = NewBudget(
        scope=BudgetScope.AGENT, scope_id=SEED, unit=BudgetUnit.TOKENS, period=BudgetPeriod.TOTAL, limit=1
    )
    budget = await ledger.admin.create_budget(wish)
    await ledger.admin.record_usage([tokens(1, agent=SEED)])
    await ledger.task()
    assert (await ledger.agent.claim_batch(ClaimNextRequest(agent=SEED))).claims == []
    assert len(await ledger.agent.claim_next(ClaimNextRequest(agent="seed-2"))) == 1
    assert [one.id for one in await ledger.reader.list_budgets(agent=SEED)] == [budget.id]
    assert await ledger.reader.list_budgets(agent="seed-2") == []
    await ledger.admin.delete_budget(budget.id)
    with pytest.raises(BudgetNotFound):
        await ledger.admin.get_budget(budget.id)
