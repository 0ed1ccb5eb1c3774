"""Keeping a lease beside the work that it protects."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from gateway.errors import LeaseLost


@asynccontextmanager
async def renewed(
    renew: Callable[[], Awaitable[None]], *, every_s: float, within_s: float | None = None
) -> AsyncIterator[None]:
    """Renew while the block runs; a lost lease cancels the block.

    Args:
        renew: Starts the lease's time anew.
        every_s: How often.
        within_s: A renewal that takes longer counts as lost, because the lease may have run out meanwhile:
            for a block that does what cannot be fenced. None: wait for it, and let the fence decide.

    Raises:
        ExceptionGroup: With the `LeaseLost`, or with what the block raised: catch it by `except*`.
    """
    async with asyncio.TaskGroup() as group:
        renewing = group.create_task(_renew(renew, every_s, within_s))
        yield
        renewing.cancel()


async def _renew(renew: Callable[[], Awaitable[None]], every_s: float, within_s: float | None) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            async with asyncio.timeout(within_s):
                await renew()
        except TimeoutError:
            raise LeaseLost(f"not renewed within {within_s:g} s") from None
