"""That a call began and how it ended: events, for whoever reads them. What was said is in the turns."""

from datetime import UTC, datetime

import msgspec

from agentops.wire import CallNoted, EndCall, NewCall
from agentops.wire.calls import CallId
from ledger.caller import Caller
from ledger.events import outbox


async def began(caller: Caller, call: NewCall) -> CallNoted:
    """Tells of a call that began."""
    return await _noted(caller, "call.started", call.id, call)


async def ended(caller: Caller, call_id: str, end: EndCall) -> CallNoted:
    """Tells how a call ended."""
    return await _noted(caller, "call.ended", call_id, end)


async def _noted(caller: Caller, kind: str, call_id: str, told: NewCall | EndCall) -> CallNoted:
    caller.need()
    async with caller.db.joined():
        await outbox.write(caller, kind, call_id, msgspec.to_builtins(told))
        return CallNoted(id=CallId(call_id), at=datetime.now(UTC))
