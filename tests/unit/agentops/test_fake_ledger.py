"""What only the ledger in memory can do: move time, go away, hang up."""

import asyncio
from contextlib import aclosing

import pytest

from agentops import Unavailable
from agentops.testing import FakeLedger
from agentops.wire import (
    AgentStatus,
    ClaimNextRequest,
    Fail,
    NewAgent,
    NewKey,
    NewTask,
    Scope,
    TaskStatus,
)
from agentops.worker import Job, Worker
from tests.waiting import eventually


async def test_time_moves_when_it_is_told_to() -> None:
    ledger = FakeLedger(retry_base_s=60)
    async with ledger.client() as ops:
        await ops.register_agent(NewAgent(name="seed-1"))
        task = await ops.create_task(NewTask(title="Count"))
        await ops.claim_next(ClaimNextRequest(agent="seed-1", lease_s=3600))
        ledger.advance(3599)
        assert (await ops.get_task(task.id)).status is TaskStatus.IN_PROGRESS
        assert (await ops.get_agent("seed-1")).status is AgentStatus.OFFLINE
        ledger.advance(2)
        assert (await ops.get_task(task.id)).status is TaskStatus.PENDING
        (claim,) = await ops.claim_next(ClaimNextRequest(agent="seed-1"))
        await ops.fail(task.id, Fail(epoch=claim.epoch, error="broken"))
        ledger.advance(61)
        assert await ops.claim_next(ClaimNextRequest(agent="seed-1")) == []


async def test_a_ledger_that_is_away_cannot_be_reached() -> None:
    ledger = FakeLedger()
    async with ledger.client() as ops:
        with ledger.away(), pytest.raises(Unavailable) as error:
            await ops.create_task(NewTask(title="Count"))
        assert not error.value.maybe_done
        assert (await ops.list_tasks()).items == []


async def test_a_subscriber_comes_again_after_a_hang_up_and_misses_nothing() -> None:
    ledger = FakeLedger()
    async with ledger.client() as ops, aclosing(ops.subscribe("task.created", after="0")) as events:
        for number in range(6):
            task = await ops.create_task(NewTask(title=f"task {number}"))
            async with asyncio.timeout(5):
                assert (await anext(events)).entity_id == task.id
            ledger.hang_up()
            with ledger.away():
                pass


async def test_a_worker_goes_on_when_the_ledger_is_back() -> None:
    ledger = FakeLedger()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(job: Job) -> None:
        begun.set()
        await go_on.wait()

    async with ledger.client() as ops, ledger.client(Scope.AGENT) as agent:
        with ledger.away():
            worker = Worker(agent, "seed-1", work, poll_s=0.05, heartbeat_s=0.05)
            running = asyncio.create_task(worker.run())
            await asyncio.sleep(0)
        task = await ops.create_task(NewTask(title="Count"))
        await begun.wait()
        with ledger.away():
            go_on.set()
            await asyncio.sleep(0)

        async def done() -> bool:
            return (await ops.get_task(task.id)).status is TaskStatus.COMPLETED

        await eventually(done)
        worker.stop()
        await running


async def test_a_key_that_ran_out_is_refused() -> None:
    ledger = FakeLedger()
    async with ledger.client() as ops:
        minted = await ops.create_key(NewKey(name="short", scope=Scope.READER, expires_in_s=60))
        async with ledger.client(api_key=minted.secret) as reader:
            assert (await reader.whoami()).name == "short"
            ledger.advance(61)
            with pytest.raises(Exception, match="expired"):
                await reader.whoami()


async def test_what_the_fake_does_not_know_it_says() -> None:
    async with FakeLedger().client() as ops:
        with pytest.raises(Exception, match="knows no GET"):
            await ops.list_people()
