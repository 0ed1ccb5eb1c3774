"""Whether the gateway can work now."""

import asyncio
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import Health

_PATIENCE_S = 2.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """Asks what the gateway cannot work without."""

    redis: Redis
    ops: AgentOpsClient

    async def check(self) -> Health:
        """`ok` only when both answer."""
        redis, ledger = await asyncio.gather(self._redis(), self._ledger())
        status = "ok" if redis == ledger == "ok" else "unavailable"
        return Health(status=status, checks={"redis": redis, "ledger": ledger})

    async def _redis(self) -> str:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return "ok" if await self.redis.ping() else "does not answer"
        except (RedisError, OSError):
            return "cannot be reached"

    async def _ledger(self) -> str:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return (await self.ops.health()).status
        except (AgentOpsError, TimeoutError):
            return "cannot be reached"
