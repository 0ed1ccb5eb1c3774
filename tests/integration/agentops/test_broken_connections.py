"""The real ledger behind connections that break: everything happens once, nothing is missed."""

import asyncio
from contextlib import aclosing

from agentops import AgentOpsClient, Backoff, RetryPolicy
from agentops.wire import Event, NewTask
from tests.integration.agentops.cutting_proxy import cutting_proxy
from tests.waiting import eventually

QUICK = Backoff(first_s=0.01, cap_s=0.05)


def client(url: str, key: str) -> AgentOpsClient:
    """A client that does not wait long."""
    return AgentOpsClient(url, key, retry=RetryPolicy(backoff=QUICK), reconnect=QUICK)


async def test_a_lost_answer_leaves_one_task(ledger_url: str, admin_key: str) -> None:
    async with cutting_proxy(ledger_url) as proxy, client(proxy.url, admin_key) as ops:
        for number in range(1, 4):
            proxy.lose_answers = 2
            await ops.create_task(NewTask(title=f"task {number}"))
        titles = [task.title for task in (await ops.list_tasks()).items]
    assert titles == ["task 3", "task 2", "task 1"]


async def test_a_lost_answer_leaves_one_file(ledger_url: str, admin_key: str) -> None:
    async with cutting_proxy(ledger_url) as proxy, client(proxy.url, admin_key) as ops:
        proxy.lose_answers = 1
        stored = await ops.upload("a.txt", b"x" * 300_000, media_type="text/plain")
        again = await ops.upload("b.txt", b"y", media_type="text/plain", idempotency_key="k")
        replayed = await ops.upload("b.txt", b"y", media_type="text/plain", idempotency_key="k")
        assert len(await ops.download(stored.id)) == 300_000
    assert replayed == again


async def test_a_subscription_cut_again_and_again_misses_nothing(ledger_url: str, admin_key: str) -> None:
    got: list[Event] = []

    async def read(reader: AgentOpsClient) -> None:
        async with aclosing(reader.subscribe("task.created", after="0")) as events:
            async for event in events:
                got.append(event)

    async with (
        cutting_proxy(ledger_url) as proxy,
        client(proxy.url, admin_key) as reader,
        client(ledger_url, admin_key) as writer,
    ):
        reading = asyncio.create_task(read(reader))
        for number in range(100):
            await writer.create_task(NewTask(title=f"task {number}"))
            if number % 10 == 0:
                proxy.cut()
        await eventually(lambda: len(got) >= 100)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert proxy.connections > 5
    assert [event.payload["title"] for event in got] == [f"task {number}" for number in range(100)]


async def test_a_stored_cursor_goes_on_where_it_was(ops: AgentOpsClient) -> None:
    await ops.create_task(NewTask(title="a"))
    before = await ops.list_events(after="0", types=["task.created"])
    await ops.create_task(NewTask(title="b"))
    async with asyncio.timeout(10), aclosing(ops.subscribe("task.*", after=before.cursor)) as events:
        event = await anext(events)
    assert event.payload["title"] == "b"
    assert (await ops.list_events(after=event.cursor)).events == []
