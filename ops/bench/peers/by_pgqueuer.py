"""PgQueuer: batches taken by SKIP LOCKED, and their ends logged in batches, over asyncpg."""

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
from pgqueuer import AsyncpgPoolDriver, PgQueuer, Queries
from pgqueuer.models import Job
from pgqueuer.types import QueueExecutionMode

from ops.bench.contender import CONCURRENCY, Contender


class Pgqueuer(Contender):
    name = "pgqueuer"
    includes = "asyncpg to PostgreSQL directly; ends of jobs are kept in memory and written in batches"
    batches = True

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self._picked: asyncio.Queue[float] = asyncio.Queue()

    @classmethod
    @asynccontextmanager
    async def opened(cls, dsn: str) -> AsyncIterator["Pgqueuer"]:
        """Over a fresh database."""
        async with asyncpg.create_pool(dsn, min_size=CONCURRENCY, max_size=CONCURRENCY + 4) as pool:
            await Queries(AsyncpgPoolDriver(pool)).install()
            yield cls(pool)

    def _worker(self) -> PgQueuer:
        worker = PgQueuer(AsyncpgPoolDriver(self._pool))

        @worker.entrypoint("count")
        async def count(job: Job) -> None:
            if job.payload:
                (began,) = struct.unpack("d", job.payload)
                self._picked.put_nowait(time.perf_counter() - began)

        return worker

    async def create(self, count: int) -> None:
        queries = Queries(AsyncpgPoolDriver(self._pool))
        left = iter(range(count))

        async def produce() -> None:
            for _ in left:
                await queries.enqueue("count", None)

        async with asyncio.TaskGroup() as group:
            for _ in range(CONCURRENCY):
                group.create_task(produce())

    async def work(self, count: int) -> None:
        await self._drain(batch_size=1)

    async def work_in_batches(self, count: int, size: int) -> None:
        await self._drain(batch_size=size)

    async def _drain(self, *, batch_size: int) -> None:
        await self._worker().qm.run(
            batch_size=batch_size,
            mode=QueueExecutionMode.drain,
            dequeue_timeout=timedelta(seconds=0.1),
        )

    async def pickup(self, count: int) -> list[float]:
        worker = self._worker()
        queries = Queries(AsyncpgPoolDriver(self._pool))
        running = asyncio.create_task(worker.qm.run())
        try:
            return [await self._picked_up(queries) for _ in range(count)]
        finally:
            worker.qm.shutdown.set()
            await running

    async def _picked_up(self, queries: Queries) -> float:
        await queries.enqueue("count", struct.pack("d", time.perf_counter()))
        async with asyncio.timeout(60):
            return await self._picked.get()
