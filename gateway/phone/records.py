"""What the ledger is told of a call: that it began, how it ended, what it used up."""

import math
from dataclasses import dataclass

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import CallDirection, EndCall, NewCall, UsageKind, UsageRecord
from gateway.phone.numbers import shown
from gateway.phone.parties import Party

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Records:
    """Writes to the ledger; each once, however often it is told."""

    ops: AgentOpsClient

    async def began(self, call_id: str, party: Party) -> None:
        """A call began."""
        call = NewCall(
            id=call_id,
            session=party.session_id,
            channel=party.channel,
            direction=_direction(party),
            person_id=party.person_id,  # type: ignore[arg-type]
            number=_number(party),
        )
        try:
            await self.ops.call_started(call, idempotency_key=f"call-{call_id}-began")
        except AgentOpsError as error:
            log.warning("call.not_recorded", call_id=call_id, code=error.code)

    async def ended(self, call_id: str, party: Party, *, seconds: float, by: str) -> None:
        """It ended; its seconds count on the budgets."""
        end = EndCall(
            session=party.session_id,
            channel=party.channel,
            direction=_direction(party),
            seconds=math.ceil(seconds),
            ended_by=by,
            person_id=party.person_id,  # type: ignore[arg-type]
            number=_number(party),
        )
        try:
            await self.ops.call_ended(call_id, end, idempotency_key=f"call-{call_id}-ended")
            if end.seconds:
                used = UsageRecord(kind=UsageKind.CALL_SECONDS, amount=end.seconds, session=party.session_id)
                await self.ops.record_usage([used], idempotency_key=f"call-{call_id}-seconds")
        except AgentOpsError as error:
            log.warning("call.not_recorded", call_id=call_id, code=error.code)


def _direction(party: Party) -> CallDirection:
    return CallDirection.OUTBOUND if party.rung else CallDirection.INBOUND


def _number(party: Party) -> str:
    return shown(party.address) if party.channel == "phone" else ""
