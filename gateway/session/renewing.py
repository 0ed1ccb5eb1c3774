"""Keeping a lease beside the work that it protects."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


@asynccontextmanager
async def renewed(renew: Callable[[], Awaitable[None]], *, every_s: float) -> AsyncIterator[None]:
    """Renew while the block runs; a lost lease cancels the block.

    Raises:
        ExceptionGroup: With the `LeaseLost`, or with what the block raised: catch it by `except*`.
    """
    async with asyncio.TaskGroup() as group:
        renewing = group.create_task(_renew(renew, every_s))
        yield
        renewing.cancel()


async def _renew(renew: Callable[[], Awaitable[None]], every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        await renew()
