"""A clock that is set forward or back: nothing done is lost or done twice, and work goes on.

The ledger lives by its database's clock alone. To it, shifting every moment that it has written down is the
same as setting that clock the other way.
"""

from datetime import timedelta

import asyncpg
import pytest

from agentops import AgentOpsClient
from agentops.errors import StaleClaim
from agentops.wire import Claim, ClaimNextRequest, Complete, Heartbeat, NewAgent, NewSchedule, NewTask
from agentops.wire import TaskStatus as Status
from tests.waiting import eventually

_MOMENTS = """
SELECT table_name, string_agg(format('%1$I = %1$I - $1::interval', column_name), ', ')
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND data_type = 'timestamp with time zone'
    AND table_name <> 'migration' AND is_generated = 'NEVER'
GROUP BY table_name
"""
HOUR = timedelta(hours=1)


async def set_clock(dsn: str, by: timedelta) -> None:
    """As if the database's clock jumped so far."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            for table, moments in await connection.fetch(_MOMENTS):
                await connection.execute(f"UPDATE {table} SET {moments}", by)  # noqa: S608 - the schema's names
    finally:
        await connection.close()


async def claimed(ops: AgentOpsClient) -> Claim:
    async def some() -> list[Claim]:
        return await ops.claim_next(ClaimNextRequest(agent="seed-1", lease_s=60))

    return (await eventually(some))[0]


@pytest.fixture
async def held(ops: AgentOpsClient) -> Claim:
    """A task that a worker has just begun."""
    await ops.register_agent(NewAgent(name="seed-1"))
    await ops.create_task(NewTask(title="Held while the clock is set"))
    return await claimed(ops)


async def test_a_clock_set_forward_gives_the_task_to_another_and_refuses_the_first(
    ops: AgentOpsClient, ledger_dsn: str, held: Claim
) -> None:
    await set_clock(ledger_dsn, HOUR)
    again = await claimed(ops)
    assert (again.task.id, again.epoch) == (held.task.id, held.epoch + 1)
    with pytest.raises(StaleClaim):
        await ops.complete(held.task.id, Complete(epoch=held.epoch))
    await ops.complete(again.task.id, Complete(epoch=again.epoch))
    assert (await ops.get_task(held.task.id)).status is Status.COMPLETED


async def test_a_clock_set_back_leaves_the_task_with_its_worker(
    ops: AgentOpsClient, ledger_dsn: str, held: Claim
) -> None:
    waiting = await ops.create_task(NewTask(title="Waits while the clock is set"))
    await set_clock(ledger_dsn, -HOUR)
    await ops.heartbeat(held.task.id, Heartbeat(epoch=held.epoch, lease_s=60))
    await ops.complete(held.task.id, Complete(epoch=held.epoch))
    assert (await ops.get_task(held.task.id)).status is Status.COMPLETED
    assert (await claimed(ops)).task.id == waiting.id


async def test_a_pattern_comes_round_once_however_far_the_clock_is_set(
    ops: AgentOpsClient, ledger_dsn: str
) -> None:
    await ops.create_schedule(NewSchedule(name="hourly", cron="0 * * * *", task=NewTask(title="Hourly")))
    await set_clock(ledger_dsn, 30 * HOUR)

    async def came() -> bool:
        return bool((await ops.list_tasks()).items)

    await eventually(came)
    await set_clock(ledger_dsn, -30 * HOUR)
    await ops.create_task(NewTask(title="Made after it"))
    titles = [task.title for task in (await ops.list_tasks()).items]
    assert sorted(titles) == ["Hourly", "Made after it"]
