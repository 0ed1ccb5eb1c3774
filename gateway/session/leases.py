"""Leases by name: of several processes that could do a thing, one does it.

A lease says who should work, not who may write: what two holders would break must be fenced where it is
written. `RedisLeases` and `MemoryLeases` pass one conformance suite.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, Protocol

from redis.asyncio import Redis

from gateway.errors import LeaseLost
from gateway.session.mailbox import Scripts
from gateway.session.renewing import renewed

_GOODBYE_S = 1.0

_HOLD: Final = """
-- name, holder, lease ms → whether it is the holder's now
local name, holder, lease_ms = unpack(ARGV)
local key = 'cos:lease:' .. name
local by = redis.call('GET', key)
if by and by ~= holder then return 0 end
redis.call('SET', key, holder, 'PX', lease_ms)
return 1
"""

_LET_GO: Final = """
-- name, holder
local name, holder = unpack(ARGV)
local key = 'cos:lease:' .. name
if redis.call('GET', key) == holder then redis.call('DEL', key) end
return 1
"""


class Leases(Protocol):
    """Who holds what, for all processes."""

    async def hold(self, name: str, holder: str, *, lease_s: float) -> bool:
        """Take a lease or renew it; False when another has it."""
        ...

    async def let_go(self, name: str, holder: str) -> None:
        """Give it up at once. Harmless when it is lost."""
        ...


class RedisLeases:
    """Leases on Redis. Every call waits while Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._run = Scripts(redis)

    async def hold(self, name: str, holder: str, *, lease_s: float) -> bool:
        return bool(await self._run.run(_HOLD, name, holder, int(lease_s * 1000)))

    async def let_go(self, name: str, holder: str) -> None:
        await self._run.run(_LET_GO, name, holder)


class MemoryLeases:
    """Leases among the tasks of this process."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, float]] = {}

    async def hold(self, name: str, holder: str, *, lease_s: float) -> bool:
        now = asyncio.get_running_loop().time()
        by, until = self._held.get(name, (holder, 0.0))
        if by != holder and until > now:
            return False
        self._held[name] = (holder, now + lease_s)
        return True

    async def let_go(self, name: str, holder: str) -> None:
        if self._held.get(name, ("", 0.0))[0] == holder:
            del self._held[name]


@asynccontextmanager
async def held(leases: Leases, name: str, holder: str, *, lease_s: float) -> AsyncIterator[None]:
    """Wait for a lease, keep it while the block runs, then give it up.

    Args:
        leases: Where it is kept.
        name: Of what is held.
        holder: Unique to this process and task.
        lease_s: How long after this process's death another may take it.

    Raises:
        ExceptionGroup: With `LeaseLost`, which also cancels the block, or with what the block raised: catch
            it by `except*`.
    """
    while not await leases.hold(name, holder, lease_s=lease_s):  # noqa: ASYNC110 - others hold it elsewhere
        await asyncio.sleep(lease_s / 3)

    async def renew() -> None:
        if not await leases.hold(name, holder, lease_s=lease_s):
            raise LeaseLost(f"another holds {name} by now")

    try:
        async with renewed(renew, every_s=lease_s / 3):
            yield
    finally:
        with suppress(TimeoutError):
            # Bounded, because Redis may be away when we stop; then the lease runs out by itself.
            async with asyncio.timeout(_GOODBYE_S):
                await leases.let_go(name, holder)
