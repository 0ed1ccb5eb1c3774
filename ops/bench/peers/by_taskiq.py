"""taskiq on Redis Streams: no PostgreSQL, so what it is told is as safe as Redis makes it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from taskiq.receiver import Receiver
from taskiq_redis import RedisStreamBroker

from ops.bench.contender import CONCURRENCY, Contender


class Taskiq(Contender):
    name = "taskiq (Redis)"
    includes = "one Redis stream, acknowledged after the work; no row, no state, no history"
    durable = False

    def __init__(self, broker: RedisStreamBroker) -> None:
        self._broker = broker
        self._picked: asyncio.Queue[float] = asyncio.Queue()
        self._done = asyncio.Semaphore(0)

        @broker.task(task_name="count")
        async def count(began: float | None = None) -> None:
            if began is not None:
                self._picked.put_nowait(time.perf_counter() - began)
            self._done.release()

        self._task = count

    @classmethod
    @asynccontextmanager
    async def opened(cls, redis_url: str) -> AsyncIterator["Taskiq"]:
        """Over the bench's Redis."""
        broker = RedisStreamBroker(redis_url, max_connection_pool_size=CONCURRENCY + 4, xread_block=100)
        await broker.startup()
        try:
            yield cls(broker)
        finally:
            await broker.shutdown()

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        finish = asyncio.Event()
        receiver = Receiver(self._broker, max_async_tasks=CONCURRENCY, run_startup=False)
        listening = asyncio.create_task(receiver.listen(finish))
        try:
            yield
        finally:
            finish.set()
            await listening

    async def create(self, count: int) -> None:
        left = iter(range(count))

        async def produce() -> None:
            for _ in left:
                await self._task.kiq()

        async with asyncio.TaskGroup() as group:
            for _ in range(CONCURRENCY):
                group.create_task(produce())

    async def work(self, count: int) -> None:
        async with self._working():
            for _ in range(count):
                await self._done.acquire()

    async def pickup(self, count: int) -> list[float]:
        async with self._working():
            return [await self._picked_up() for _ in range(count)]

    async def _picked_up(self) -> float:
        await self._task.kiq(began=time.perf_counter())
        async with asyncio.timeout(30):
            took = await self._picked.get()
        await self._done.acquire()
        return took
