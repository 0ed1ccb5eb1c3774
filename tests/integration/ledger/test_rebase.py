"""A log that was restored into another cluster: cursors stay good, and nothing is written behind them."""

import asyncpg
import pytest

from agentops import AgentOpsClient
from agentops.wire import NewTask
from ledger import migrate
from ledger.engine import LedgerEngine
from ledger.events import rebase
from ledger.events.log import XMIN
from tests.ledger_fixtures import ADMIN_KEY, StartLedger

AHEAD = 10**12
"""How many more transactions the other cluster had made."""


async def from_a_busier_cluster(dsn: str) -> None:
    """Makes the log look as a dump of a cluster that is ahead of this one does."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("UPDATE event SET xid = xid + $1", AHEAD, timeout=10)
    finally:
        await connection.close()


async def titles(ops: AgentOpsClient, after: str) -> list[str]:
    """What was created behind a cursor."""
    found = await ops.list_events(after=after, types=("task.created",))
    return [str((await ops.get_task(event.task_id)).title) for event in found.events if event.task_id]


async def test_readers_go_on_behind_their_cursors_in_another_cluster(
    start_ledger: StartLedger, ledger_dsn: str
) -> None:
    async with start_ledger() as url, AgentOpsClient(url=url, api_key=ADMIN_KEY) as ops:
        for title in ("first", "second"):
            await ops.create_task(NewTask(title=title))
    await from_a_busier_cluster(ledger_dsn)
    async with start_ledger() as url, AgentOpsClient(url=url, api_key=ADMIN_KEY) as ops:
        assert await titles(ops, "0") == ["first", "second"]
        seen = (await ops.list_events(after="0")).cursor
        lost_later = f"{int(seen.partition('-')[0]) + 1_000_000}-5"
        await ops.create_task(NewTask(title="third"))
        assert await titles(ops, seen) == ["third"]
        assert await titles(ops, lost_later) == ["third"], "a cursor of after the dump misses nothing either"
        assert await titles(ops, "0") == ["first", "second", "third"]
        async for event in ops.subscribe("task.created", after=seen):
            assert event.entity_id
            break


async def test_a_log_at_home_is_left_as_it_is(start_ledger: StartLedger, ledger_dsn: str) -> None:
    async with start_ledger() as url, AgentOpsClient(url=url, api_key=ADMIN_KEY) as ops:
        await ops.create_task(NewTask(title="first"))
    async with LedgerEngine(ledger_dsn).opened() as db:
        assert not await rebase.settle(db)
        [found] = await db.rows("SELECT event_xid_base() AS base")
    assert found["base"] == 0


async def test_a_base_costs_a_reader_nothing(ledger_dsn: str) -> None:
    """The planner sees a constant, not a call: the index serves the whole condition."""
    async with LedgerEngine(ledger_dsn).opened() as db:
        await rebase.leap(db)
        plan = await db.rows(f"EXPLAIN SELECT 1 FROM event WHERE xid < {XMIN}")  # noqa: S608
    assert "event_xid_base" not in "\n".join(row["QUERY PLAN"] for row in plan)


@pytest.mark.parametrize("times", [2])
async def test_a_log_may_move_again_and_again(ledger_dsn: str, times: int) -> None:
    async with LedgerEngine(ledger_dsn).opened() as db:
        for _ in range(times):
            await db.rows(
                "INSERT INTO event (type, entity_type, entity_id, actor, payload) "
                "VALUES ('a.b', 'a', '1', 't', '{}')"
            )
            await from_a_busier_cluster(ledger_dsn)
            await migrate.forwards(ledger_dsn)
            [ahead] = await db.rows(f"SELECT max(xid) < {XMIN} AS ahead FROM event")  # noqa: S608
            assert ahead["ahead"]
            assert not await rebase.settle(db)
