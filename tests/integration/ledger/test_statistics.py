"""How tasks came and went, and how long they took and wait."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from agentops import AgentOpsClient
from agentops.wire import ClaimNextRequest, Complete, Fail, NewTask
from tests.integration.ledger.api import Api


async def _age(dsn: str, statement: str, *args: Any) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement, *args)
    finally:
        await connection.close()


async def test_days_tell_what_came_and_went_and_how_long_it_took(
    ops: AgentOpsClient, ledger_dsn: str
) -> None:
    for n in range(6):
        await ops.create_task(NewTask(title=f"Task {n}"))
    for claim in await ops.claim_next(ClaimNextRequest(agent="seed-1", n=3)):
        await ops.complete(claim.task.id, Complete(epoch=claim.epoch))
    (claim,) = await ops.claim_next(ClaimNextRequest(agent="seed-1"))
    await ops.fail(claim.task.id, Fail(epoch=1, error="broken", retryable=False))
    await ops.cancel((await ops.find_task(5)).id)
    await _age(
        ledger_dsn,
        """UPDATE task SET created_at = created_at - interval '2 days', finished_at = ended,
        started_at = ended - make_interval(secs => 10 * number)
        FROM (SELECT id AS of, finished_at - CASE number WHEN 1 THEN interval '1 day' ELSE '0' END AS ended
        FROM task) t WHERE id = of""",
    )
    stats = await ops.stats(days=3)
    today = stats.days[-1].day
    assert today - datetime.now(UTC).date() <= timedelta(0)
    found = [(day.day, day.created, day.completed, day.failed, day.cancelled) for day in stats.days]
    assert found == [
        (today - timedelta(days=2), 6, 0, 0, 0),
        (today - timedelta(days=1), 0, 1, 0, 0),
        (today, 0, 2, 1, 1),
    ]
    assert stats.work is not None
    assert stats.wait is not None
    assert (stats.work.count, stats.work.p50_s, stats.work.max_s) == (3, 20.0, 30.0)
    assert stats.wait.count == 1
    assert stats.wait.p50_s == stats.wait.max_s
    assert 2 * 86_400 <= (stats.wait.p50_s or 0) < 2 * 86_400 + 60


async def test_without_days_the_past_is_left_out(admin: Api) -> None:
    stats = await admin.get("/stats")
    assert (stats["days"], stats["work"], stats["wait"]) == ([], None, None)
    nothing = {"count": 0, "p50_s": None, "p90_s": None, "max_s": None}
    stats = await admin.get("/stats", days=1, time_zone="Pacific/Kiritimati")
    assert (len(stats["days"]), stats["work"], stats["wait"]) == (1, nothing, nothing)
    for wrong in ({"days": -1}, {"days": 367}, {"days": 1, "time_zone": "Nowhere"}):
        assert (await admin.get("/stats", 400, **wrong))["code"] == "validation_failed"
