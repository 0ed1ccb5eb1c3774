"""Procrastinate: a job is a row, taken and finished by stored functions, over psycopg."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import procrastinate

from ops.bench.contender import CONCURRENCY, Contender


class Procrastinate(Contender):
    name = "procrastinate"
    includes = "psycopg to PostgreSQL directly, job events by trigger"

    def __init__(self, app: procrastinate.App) -> None:
        self._app = app
        self._picked: asyncio.Queue[float] = asyncio.Queue()

        @app.task(name="count")
        async def count(began: float | None = None) -> None:
            if began is not None:
                self._picked.put_nowait(time.perf_counter() - began)

        self._task = count

    @classmethod
    @asynccontextmanager
    async def opened(cls, dsn: str) -> AsyncIterator["Procrastinate"]:
        """Over a fresh database."""
        connector = procrastinate.PsycopgConnector(
            conninfo=dsn, min_size=CONCURRENCY, max_size=CONCURRENCY + 4
        )
        app = procrastinate.App(connector=connector)
        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            yield cls(app)

    async def create(self, count: int) -> None:
        left = iter(range(count))

        async def produce() -> None:
            for _ in left:
                await self._task.defer_async()

        async with asyncio.TaskGroup() as group:
            for _ in range(CONCURRENCY):
                group.create_task(produce())

    async def work(self, count: int) -> None:
        await self._app.run_worker_async(
            wait=False, concurrency=CONCURRENCY, listen_notify=False, install_signal_handlers=False
        )

    async def pickup(self, count: int) -> list[float]:
        worker = asyncio.create_task(
            self._app.run_worker_async(concurrency=CONCURRENCY, install_signal_handlers=False)
        )
        try:
            return [await self._picked_up() for _ in range(count)]
        finally:
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker

    async def _picked_up(self) -> float:
        await self._task.defer_async(began=time.perf_counter())
        async with asyncio.timeout(30):
            return await self._picked.get()
