"""Usage is counted exactly, and a spent budget stops what falls under it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from agentops import AgentOpsClient, BudgetExhausted, BudgetExists
from agentops.wire import (
    BudgetPatch,
    BudgetPeriod,
    BudgetScope,
    BudgetState,
    BudgetUnit,
    ClaimNextRequest,
    ClaimRequest,
    NewBudget,
    NewTask,
    UsageGroup,
    UsageKind,
    UsageRecord,
)
from tests.integration.ledger.api import Api

NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
async def database(ledger_dsn: str) -> AsyncIterator[Any]:
    """The ledger's own database, to let time pass in."""
    connection = await asyncpg.connect(ledger_dsn)
    yield connection
    await connection.close()


async def _use(api: Api, amount: int, kind: str = "money", **of: Any) -> Any:
    return await api.post("/usage", 201, records=[{"kind": kind, "amount": amount} | of])


async def _budget(api: Api, limit: int = 100, **fields: Any) -> Any:
    body: dict[str, Any] = {"scope": "all", "unit": "money", "period": "day", "limit": limit} | fields
    return await api.post("/budgets", 201, **body)


async def _news(api: Api) -> list[str]:
    return [kind for kind in await api.types(types="budget.*") if kind.endswith(("warning", "exhausted"))]


async def test_a_worker_reports_for_what_it_holds_and_the_sums_add_up(admin: Api, worker: Api) -> None:
    project = await admin.post("/projects", 201, name="Sales")
    await admin.task("count", project_id=project["id"])
    (claim,) = (await worker.post("/tasks/claim-next", agent="seed-1"))["claims"]
    task_id = claim["task"]["id"]
    records = [
        {"kind": "tokens_in", "amount": 1_000, "task_id": task_id, "model": "small", "agent": "seed-9"},
        {"kind": "tokens_out", "amount": 200, "task_id": task_id, "model": "small"},
        {"kind": "money", "amount": 2_150, "task_id": task_id.upper(), "model": "large"},
    ]
    told = await worker.post("/usage", 201, records=records)
    assert told == {"recorded": 3, "budgets": []}
    await _use(admin, 61, "call_seconds", session="main", at="2026-01-31T23:30:00Z")

    nothing = {"tokens_in": 0, "tokens_out": 0, "money": 0, "call_seconds": 0}
    work = nothing | {"tokens_in": 1_000, "tokens_out": 200, "money": 2_150}
    call = nothing | {"call_seconds": 61}
    for group_by, groups in {
        "project": [{"group": project["id"]} | work, {"group": None} | call],
        "agent": [{"group": "seed-1"} | work, {"group": None} | call],
        "task": [{"group": task_id} | work, {"group": None} | call],
        "session": [{"group": None} | work, {"group": "main"} | call],
        "model": [
            {"group": "large"} | nothing | {"money": 2_150},
            {"group": "small"} | nothing | {"tokens_in": 1_000, "tokens_out": 200},
            {"group": None} | call,
        ],
    }.items():
        assert (await admin.get("/usage", group_by=group_by))["items"] == groups
    days = await admin.get("/usage", to="2026-06-01T00:00:00Z", time_zone="Europe/Paris")
    assert days["items"] == [{"group": "2026-02-01"} | call]
    assert (await admin.get("/usage", agent="seed-1", group_by="day"))["items"][0]["money"] == 2_150
    assert (await admin.get("/usage", 400, group_by="mood"))["code"] == "validation_failed"


async def test_a_report_that_comes_twice_counts_once(admin: Api) -> None:
    await _budget(admin)
    records = [{"kind": "money", "amount": 90}]
    first = await admin.post("/usage", 201, key="call-1", records=records)
    assert await admin.post("/usage", 201, key="call-1", records=records) == first
    assert [one["spent"] for one in (await admin.get("/budgets"))["items"]] == [90]
    assert await _news(admin) == ["budget.warning"]


async def test_a_worker_may_not_report_for_others(admin: Api, worker: Api, reader: Api) -> None:
    claim = await admin.claimed()  # with the administrator's key
    for record in ({}, {"task_id": claim["task"]["id"]}, {"task_id": (await admin.task())["id"]}):
        body: dict[str, Any] = {"records": [{"kind": "money", "amount": 1} | record]}
        assert (await worker.post("/usage", 403, **body))["code"] == "forbidden"
        assert (await reader.post("/usage", 403, **body))["code"] == "forbidden"
    assert (await admin.get("/usage"))["items"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": -1},
        {"amount": 1.5},
        {"amount": 10**13},
        {"kind": "joules"},
        {"task_id": NOBODY},
        {"task_id": "x"},
        {"at": "2999-01-01T00:00:00Z"},
        {"at": "2026-01-01T00:00:00"},
    ],
)
async def test_one_wrong_record_refuses_them_all(admin: Api, wrong: dict[str, Any]) -> None:
    good = {"kind": "money", "amount": 1}
    assert (await admin.post("/usage", 400, records=[good, good | wrong]))["code"] == "validation_failed"
    assert (await admin.get("/usage"))["items"] == []


async def test_a_budget_warns_once_ends_once_and_stops_claims(admin: Api, worker: Api) -> None:
    project = await admin.post("/projects", 201, name="Sales")
    budget = await _budget(admin, scope="project", scope_id=project["id"])
    inside = await admin.task("inside", project_id=project["id"], priority="critical")
    outside = await admin.task("outside")
    for amount in (79, 1, 5, 15, 10):
        told = await _use(admin, amount, project_id=project["id"])
    assert [(one["id"], one["spent"], one["state"]) for one in told["budgets"]] == [
        (budget["id"], 110, "exhausted")
    ]
    assert await _news(admin) == ["budget.warning", "budget.exhausted"]

    problem = await worker.post(f"/tasks/{inside['id']}/claim", 409, agent="seed-1", version=1)
    assert problem["code"] == "budget_exhausted"
    assert (problem["current"]["budget_id"], problem["current"]["scope_id"]) == (budget["id"], project["id"])
    assert "110 of 100 money a day" in problem["detail"]
    answer = await worker.post("/tasks/claim-next", agent="seed-1", n=5)
    assert [claim["task"]["id"] for claim in answer["claims"]] == [outside["id"]]
    assert [(one["budget_id"], one["scope"]) for one in answer["stopped"]] == [(budget["id"], "project")]
    assert (await admin.get(f"/tasks/{inside['id']}"))["version"] == 1

    raised = await admin.patch(f"/budgets/{budget['id']}", limit=200)
    assert (raised["state"], raised["spent"], raised["version"]) == ("ok", 110, 2)
    answer = await worker.post("/tasks/claim-next", agent="seed-1", n=5)
    assert [claim["task"]["id"] for claim in answer["claims"]] == [inside["id"]]
    assert answer["stopped"] == []


@pytest.mark.parametrize("scope", ["all", "agent", "task"])
async def test_each_scope_stops_what_is_its_own(admin: Api, worker: Api, scope: str) -> None:
    tasks = [await admin.task(f"Task {n}") for n in range(3)]
    scope_id = {"all": None, "agent": "seed-1", "task": tasks[0]["id"]}[scope]
    budget = await _budget(admin, scope=scope, scope_id=scope_id, unit="tokens", period="total")
    await _use(admin, 60, "tokens_in", agent="seed-1", task_id=tasks[0]["id"])
    await _use(admin, 50, "tokens_out", agent="seed-1", task_id=tasks[0]["id"])
    left = {"all": 0, "agent": 0, "task": 2}[scope]
    answer = await worker.post("/tasks/claim-next", agent="seed-1", n=9)
    assert (len(answer["claims"]), len(answer["stopped"])) == (left, 1)
    assert answer["stopped"][0]["until"] is None
    for claim in answer["claims"]:
        await worker.post(f"/tasks/{claim['task']['id']}/release", epoch=claim["epoch"])
    answer = await worker.post("/tasks/claim-next", agent="seed-2", n=9)
    assert len(answer["claims"]) == {"all": 0, "agent": 3, "task": 2}[scope]
    await admin.client.delete(f"/budgets/{budget['id']}")
    answer = await worker.post("/tasks/claim-next", agent="seed-1", n=9)
    assert len(answer["claims"]) == {"all": 3, "agent": 0, "task": 1}[scope]


async def test_a_new_day_begins_with_nothing_spent(admin: Api, worker: Api, database: Any) -> None:
    await admin.task()
    budget = await _budget(admin, time_zone="Asia/Tokyo")
    await _use(admin, 100)
    assert (await worker.post("/tasks/claim-next", agent="seed-1"))["claims"] == []
    starts = datetime.fromisoformat(budget["period_start"])
    assert starts.astimezone(UTC).hour == 15  # midnight in Tokyo
    # A day passes, as the database sees it: all that has happened lies a day back.
    day = timedelta(days=1)
    await database.execute("UPDATE budget SET period_start = period_start - $1::interval", day)
    await database.execute("UPDATE claim_stop SET until = until - $1::interval", day)
    await database.execute("UPDATE usage SET at = at - $1::interval", day)
    present = await admin.get(f"/budgets/{budget['id']}")
    assert (present["spent"], present["state"]) == (0, "ok")
    assert len((await worker.post("/tasks/claim-next", agent="seed-1"))["claims"]) == 1
    assert (await _use(admin, 85))["budgets"][0]["spent"] == 85
    assert await _news(admin) == ["budget.exhausted", "budget.warning"]


async def test_a_new_budget_counts_what_its_period_has_used_already(admin: Api) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    await _use(admin, 500, at=yesterday)
    await _use(admin, 90)
    assert [(await _budget(admin, period=period))["spent"] for period in ("day", "total")] == [90, 590]
    assert await _news(admin) == ["budget.warning", "budget.exhausted"]
    told = await _use(admin, 1, at=yesterday)
    assert sorted(one["spent"] for one in told["budgets"]) == [90, 591]


async def test_sixteen_reporters_at_once_are_counted_to_the_last_token(admin: Api) -> None:
    await _budget(admin, limit=1_000, unit="tokens")

    async def report(n: int) -> None:
        for _ in range(5):
            await _use(admin, n, "tokens_in")

    budgets = asyncio.create_task(_budget(admin, limit=10**9, unit="tokens", period="total"))
    await asyncio.gather(*(report(n) for n in range(1, 17)))
    await budgets
    assert [one["spent"] for one in (await admin.get("/budgets"))["items"]] == [680, 680]
    await asyncio.gather(*(report(n) for n in range(1, 17)))
    assert [one["spent"] for one in (await admin.get("/budgets"))["items"]] == [1360, 1360]
    assert await _news(admin) == ["budget.warning", "budget.exhausted"]


async def test_there_is_one_budget_for_one_thing(admin: Api, worker: Api) -> None:
    budget = await _budget(admin)
    body: dict[str, Any] = {"scope": "all", "unit": "money", "period": "day", "limit": 7}
    problem = await admin.post("/budgets", 409, **body)
    assert (problem["code"], problem["current"]["id"]) == ("budget_exists", budget["id"])
    for wrong in (
        {"scope": "all", "scope_id": "x"},
        {"scope": "project"},
        {"scope": "project", "scope_id": "x"},
        {"unit": "hours"},
        {"limit": 0},
        {"limit": 1.5},
        {"time_zone": "Europe/Atlantis"},
    ):
        assert (await admin.post("/budgets", 400, **body | wrong))["code"] == "validation_failed"
    assert (await worker.post("/budgets", 403, **body))["code"] == "forbidden"
    assert (await admin.get("/budgets", agent="chief"))["items"] == [budget]
    assert (await admin.get(f"/budgets/{NOBODY}", 404))["code"] == "budget_not_found"


async def test_the_client_speaks_of_usage(ops: AgentOpsClient) -> None:
    budget = await ops.create_budget(
        NewBudget(scope=BudgetScope.ALL, unit=BudgetUnit.MONEY, period=BudgetPeriod.MONTH, limit=2_000_000)
    )
    told = await ops.record_usage([UsageRecord(kind=UsageKind.MONEY, amount=2_000_000, agent="chief")])
    assert [one.state for one in told.budgets] == [BudgetState.EXHAUSTED]
    assert told.budgets == await ops.list_budgets(agent="chief") == [await ops.get_budget(budget.id)]
    assert [(one.group, one.money) for one in await ops.sum_usage(UsageGroup.AGENT)] == [("chief", 2_000_000)]
    with pytest.raises(BudgetExists):
        await ops.create_budget(
            NewBudget(scope=BudgetScope.ALL, unit=BudgetUnit.MONEY, period=BudgetPeriod.MONTH, limit=1)
        )
    task = await ops.create_task(NewTask(title="count"))
    with pytest.raises(BudgetExhausted) as refused:
        await ops.claim(task.id, ClaimRequest(agent="seed-1", version=1))
    assert (refused.value.current or {})["budget_id"] == budget.id
    batch = await ops.claim_batch(ClaimNextRequest(agent="seed-1"))
    assert [one.budget_id for one in batch.stopped] == [budget.id]
    await ops.update_budget(budget.id, BudgetPatch(limit=3_000_000))
    assert len(await ops.claim_next(ClaimNextRequest(agent="seed-1"))) == 1
    await ops.delete_budget(budget.id)
    assert await ops.list_budgets() == []
