"""One switch stops everything, and lets it go on."""

from datetime import timedelta

import asyncpg

from agentops import AgentOpsClient
from agentops.wire import AgentHeartbeat, ClaimNextRequest, Heartbeat, NewAgent, NewTask
from ledger.engine import LedgerEngine
from ledger.schedules.firing import Scheduler
from tests.integration.ledger.api import Api
from tests.waiting import eventually


async def test_nothing_is_claimed_while_everything_is_paused(admin: Api, worker: Api) -> None:
    task = await admin.task()
    paused = await admin.post("/system/pause", 200, reason="wrong customer")
    assert (paused["paused"], paused["reason"], paused["by"]) == (True, "wrong customer", "admin")
    problem = await worker.post(f"/tasks/{task['id']}/claim", 409, agent="seed-1", version=1)
    assert (problem["code"], "wrong customer" in problem["detail"]) == ("paused", True)
    answer = await worker.post("/tasks/claim-next", agent="seed-1", n=5)
    assert answer == {"claims": [], "paused": True, "stopped": []}

    resumed = await admin.post("/system/resume", 200)
    assert resumed == {"paused": False, "reason": None, "by": None, "since": None}
    answer = await worker.post("/tasks/claim-next", agent="seed-1", n=5)
    assert (len(answer["claims"]), answer["paused"]) == (1, False)


async def test_pausing_twice_is_pausing_once(admin: Api, worker: Api, reader: Api) -> None:
    first = await admin.post("/system/pause", 200, reason="first")
    assert await admin.post("/system/pause", 200, reason="second") == first
    assert await reader.get("/system") == first
    for api in (worker, reader):
        assert (await api.post("/system/resume", 403))["code"] == "forbidden"
    await admin.post("/system/resume", 200)
    await admin.post("/system/resume", 200)
    assert await admin.types(types="system.*") == ["system.paused", "system.resumed"]


async def test_who_is_at_work_hears_of_it_and_may_end_it(ops: AgentOpsClient) -> None:
    await ops.create_task(NewTask(title="count"))
    await ops.register_agent(NewAgent(name="seed-1"))
    (claim,) = await ops.claim_next(ClaimNextRequest(agent="seed-1"))
    assert not (await ops.agent_heartbeat("seed-1", AgentHeartbeat())).paused
    assert not (await ops.heartbeat(claim.task.id, Heartbeat(epoch=1))).paused
    assert (await ops.pause("tea")).paused
    assert (await ops.agent_heartbeat("seed-1", AgentHeartbeat())).paused
    assert (await ops.heartbeat(claim.task.id, Heartbeat(epoch=1))).paused
    assert (await ops.system()).reason == "tea"
    assert not (await ops.resume()).paused
    assert not (await ops.agent_heartbeat("seed-1", AgentHeartbeat())).paused


async def test_schedules_wait_while_everything_is_paused_and_then_run_once(
    admin: Api, ledger_dsn: str
) -> None:
    await admin.post("/schedules", 201, name="hourly", cron="0 * * * *", task={"title": "count"})
    await admin.post("/system/pause", 200)
    connection = await asyncpg.connect(ledger_dsn)
    try:
        await connection.execute("UPDATE schedule SET next_run_at = now() - $1::interval", timedelta(hours=5))
    finally:
        await connection.close()
    async with LedgerEngine(ledger_dsn).opened(max_size=2) as engine:
        assert not await Scheduler(engine, lambda _: None, every_s=1.0).fire_one()
    assert (await admin.get("/tasks"))["items"] == []
    await admin.post("/system/resume", 200)

    async def ran() -> bool:
        return len((await admin.get("/tasks"))["items"]) == 1

    await eventually(ran)
    (schedule,) = (await admin.get("/schedules"))["items"]
    assert schedule["runs"] == 1
