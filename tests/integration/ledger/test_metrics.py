"""`/metrics`: what Prometheus reads of a ledger is true."""

from uuid import uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from agentops import AgentOpsClient
from agentops.errors import TaskNotFound
from agentops.wire import (
    BudgetPeriod,
    BudgetScope,
    BudgetUnit,
    ClaimNextRequest,
    Complete,
    NewAgent,
    NewBudget,
    NewTask,
    TaskId,
    UsageKind,
    UsageRecord,
)
from ledger.watching import state
from tests.ledger_fixtures import READER_KEY


@pytest.fixture(autouse=True)
def always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test looks more often than Prometheus does."""
    monkeypatch.setattr(state, "FRESH_S", 0.0)


async def seen(url: str) -> dict[str, float]:
    """Every sample: name and labels → value."""
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {READER_KEY}"}) as client:
        answer = await client.get(f"{url}/api/v1/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        sample.name
        + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_the_state_of_the_work_is_told(ops: AgentOpsClient, ledger_url: str) -> None:
    before = await seen(ledger_url)
    assert before["ledger_queue_ready"] == 0
    for title in ("a", "b"):
        await ops.create_task(NewTask(title=title))
    await ops.register_agent(NewAgent(name="hand"))
    [claim] = await ops.claim_next(ClaimNextRequest(agent="hand"))
    during = await seen(ledger_url)
    assert during["ledger_tasks status=pending"] == 1
    assert during["ledger_queue_oldest_seconds"] > 0
    assert (
        during["ledger_agents status=online"] == during["ledger_agents_busy"] == during["ledger_leases"] == 1
    )
    await ops.complete(claim.task.id, Complete(epoch=claim.epoch, result={"summary": "done"}))
    after = await seen(ledger_url)
    assert after["ledger_tasks status=completed"] == 1
    assert after["ledger_task_seconds quantile=0.9"] > 0
    for kind, number in {"task.created": 2, "task.claimed": 1, "task.completed": 1}.items():
        assert after[f"ledger_events_total type={kind}"] == number


async def test_usage_and_budgets_are_told(ops: AgentOpsClient, ledger_url: str) -> None:
    limit = NewBudget(
        name="day", scope=BudgetScope.ALL, unit=BudgetUnit.MONEY, period=BudgetPeriod.DAY, limit=1000
    )
    await ops.create_budget(limit)
    await ops.record_usage([UsageRecord(kind=UsageKind.MONEY, amount=250)])
    found = await seen(ledger_url)
    assert found["ledger_usage_today kind=money"] == 250
    assert found["ledger_budget_used_ratio budget=day period=day scope=all unit=money"] == 0.25


async def test_requests_are_counted_by_route_and_never_by_id(ops: AgentOpsClient, ledger_url: str) -> None:
    task = await ops.create_task(NewTask(title="a"))
    await ops.get_task(task.id)
    async with httpx.AsyncClient() as client:
        await client.get(f"{ledger_url}/api/v1/tasks")
        await client.get(f"{ledger_url}/nowhere/{task.id}")
    with pytest.raises(TaskNotFound):
        await ops.get_task(TaskId(str(uuid4())))
    found = await seen(ledger_url)
    counted = {name: number for name, number in found.items() if name.startswith("ledger_requests_total")}
    assert not [name for name in counted if task.id in name]
    assert counted["ledger_requests_total method=POST route=/api/v1/tasks status=201"] == 1
    assert counted["ledger_requests_total method=GET route=/api/v1/tasks status=401"] == 1
    [missing] = [number for name, number in counted.items() if "status=404" in name]
    assert missing == 1
    assert found["ledger_request_seconds_count method=POST route=/api/v1/tasks"] == 1


async def test_connections_and_listeners_are_told(ops: AgentOpsClient, ledger_url: str) -> None:
    await ops.create_task(NewTask(title="a"))
    async for _ in ops.subscribe("task.created", after="0"):
        found = await seen(ledger_url)
        break
    assert found["ledger_listeners"] == 1
    assert found["ledger_database_up"] == 1
    assert found["ledger_database_connections state=idle"] >= 0
    assert found["ledger_database_connections_max"] > 0


async def test_it_wants_a_key(ledger_url: str) -> None:
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{ledger_url}/api/v1/metrics")).status_code == 401
