"""What calls cost: asked of Twilio after their end, until it knows, and written down once."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import UsageKind, UsageRecord
from gateway.phone.errors import TwilioRefused
from gateway.session.memos import Memos

if TYPE_CHECKING:
    from gateway.phone.rest import TwilioRest

EVERY_S = 60.0
KEEP_S = 2 * 86_400
"""Twilio knows a price within minutes; one that is still open after two days never comes."""
_GROUP = "phone:unpriced"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Costs:
    """The calls whose price is not known yet, kept over restarts."""

    memos: Memos
    ops: AgentOpsClient
    every_s: float = EVERY_S

    async def owe(self, call_sid: str, session: str) -> None:
        """A call is over; its price will come."""
        await self.memos.gather(_GROUP, call_sid, session, keep_s=KEEP_S)

    async def run(self, rest: "TwilioRest") -> None:
        """Ask until cancelled."""
        while True:
            await asyncio.sleep(self.every_s)
            try:
                await self.settle(rest)
            except Exception:
                log.exception("costs.failed")

    async def settle(self, rest: "TwilioRest") -> None:
        """Ask for every price that is open."""
        for call_sid, session in (await self.memos.gathered(_GROUP)).items():
            try:
                price = await rest.price(call_sid)
                if price is None:
                    continue
                if price.micros:
                    used = UsageRecord(
                        kind=UsageKind.MONEY, amount=price.micros, session=session, model="twilio"
                    )
                    await self.ops.record_usage([used], idempotency_key=f"call-{call_sid}-price")
                await self.memos.drop_from(_GROUP, call_sid, session)
                log.info("call.priced", call_id=call_sid, micros=price.micros, unit=price.unit)
            except (TwilioRefused, AgentOpsError) as error:
                log.warning("call.not_priced", call_id=call_sid, reason=str(error))
