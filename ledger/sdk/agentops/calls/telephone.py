"""Calls by telephone or in the browser: that they began, and how they ended."""

from agentops.calls.base import Calls
from agentops.requests import path_of
from agentops.wire import CallNoted, EndCall, NewCall


class TelephoneCalls(Calls):
    """`/calls`."""

    async def call_started(self, call: NewCall, *, idempotency_key: str | None = None) -> CallNoted:
        """Tell that a call began; readers of events hear `call.started`.

        Example:
            `await ops.call_started(NewCall(id=sid, session="main", channel="phone", direction="inbound"))`
        """
        return await self._transport.post("/calls", CallNoted, call, key=idempotency_key)

    async def call_ended(
        self, call_id: str, end: EndCall, *, idempotency_key: str | None = None
    ) -> CallNoted:
        """Tell how it ended; readers of events hear `call.ended`. Its seconds are recorded as usage apart."""
        return await self._transport.post(
            path_of("calls", call_id, "end"), CallNoted, end, key=idempotency_key
        )
