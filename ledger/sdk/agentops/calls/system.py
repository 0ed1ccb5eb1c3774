"""The switch that stops everything."""

from agentops.calls.base import Calls
from agentops.wire import Pause, Resume, System


class SystemCalls(Calls):
    """`/system`."""

    async def system(self) -> System:
        """Whether everything is paused, by whom and why."""
        return await self._transport.get("/system", System)

    async def pause(self, reason: str = "", *, idempotency_key: str | None = None) -> System:
        """Stop everything: no task is claimed and no schedule runs until `resume`.

        Workers that are at it hear of it with their next heartbeat. Pausing what is paused changes
        nothing.

        Example:
            `await ops.pause("it keeps writing to the wrong customer")`
        """
        return await self._transport.post("/system/pause", System, Pause(reason=reason), key=idempotency_key)

    async def resume(self, reason: str = "", *, idempotency_key: str | None = None) -> System:
        """Let everything go on; schedules whose time came meanwhile run once."""
        body = Resume(reason=reason)
        return await self._transport.post("/system/resume", System, body, key=idempotency_key)
