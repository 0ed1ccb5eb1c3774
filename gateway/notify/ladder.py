"""The escalation of what waits for an answer: silent, ringing, a call, the next person.

    told ─► ring ─► call ─► next_person ─► (over)
      └──────┴───────┴──────────┴───► ended at once, when the gate is answered or expires

Each rung waits as long as the preferences of the person say that is asked; without a time there is no ladder.
The first message is the notice itself, and it skips the ring when it rang already.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
import structlog
from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.wire import Attention
from gateway.notify.audience import Audience, Recipient, proven_number
from gateway.notify.gates import is_open
from gateway.notify.teller import Teller
from gateway.notify.timers import Due, Timers
from gateway.notify.times import quiet_until
from gateway.notify.wording import still_waiting
from gateway.outbound import Caller
from gateway.session.receipts import Receipt, add_receipt
from gateway.session.turns import Notice

LADDER: Final = "ladder"

log = structlog.get_logger(__name__)


class Rung(StrEnum):
    """What is tried next."""

    RING = "ring"
    CALL = "call"
    NEXT_PERSON = "next_person"


_ORDER: Final = (Rung.RING, Rung.CALL, Rung.NEXT_PERSON)


class Climb(msgspec.Struct, frozen=True, kw_only=True):
    """How far an escalation has come."""

    notice: Notice
    rung: Rung


class Ladder:
    """Climbs until somebody answers."""

    def __init__(
        self,
        redis: Redis,
        timers: Timers,
        ops: AgentOpsClient,
        *,
        teller: Teller,
        audience: Audience,
        caller: Caller | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._redis = redis
        self._timers = timers
        self._ops = ops
        self._teller = teller
        self._audience = audience
        self._caller = caller
        self._clock = clock

    async def begin(self, notice: Notice, recipient: Recipient, first: datetime) -> None:
        """After a question was told at `first`: what follows if nobody answers it."""
        wait_s = recipient.preferences.escalate_after_s
        if wait_s is None or notice.gate_id is None:
            return
        climb = Climb(notice=notice, rung=Rung.CALL if notice.ring else Rung.RING)
        due = first + timedelta(seconds=wait_s)
        if await self._timers.set(_timer(notice.gate_id), due, msgspec.json.encode(climb), once=True):
            step = Rung.RING if notice.ring else "silent"
            await self._receipt(notice, recipient, step=step, outcome="told", notice_id=notice.id)

    async def end(self, gate_id: str, *, how: str) -> None:
        """It was answered or closed: nothing more goes out."""
        if await self._timers.cancel(_timer(gate_id)):
            receipt = Receipt(step=how, person_id=None, notice_id=None, outcome="ended", at=self._clock())
            await add_receipt(self._redis, gate_id, receipt)
            log.info("escalation.ended", gate_id=gate_id, how=how)

    async def climb(self, due: Due) -> None:
        """Do the next rung.

        Raises:
            AgentOpsError: The ledger does not answer just now.
        """
        climb = msgspec.json.decode(due.body, type=Climb)
        recipient = await self._audience.of(climb.notice.session_id)
        if not await is_open(self._ops, climb.notice.gate_id or ""):
            await self.end(climb.notice.gate_id or "", how="closed")
            return
        now = self._clock()
        quiet = self._quiet(climb.notice, recipient, now)
        if quiet is not None:
            await self._timers.done(due, again=quiet, body=due.body)
            return
        outcome, notice_id = await self._do(climb, recipient)
        await self._receipt(climb.notice, recipient, step=climb.rung, outcome=outcome, notice_id=notice_id)
        log.info("escalation.climbed", gate_id=climb.notice.gate_id, step=climb.rung, outcome=outcome)
        await self._go_on(due, climb, recipient, now)

    async def _go_on(self, due: Due, climb: Climb, recipient: Recipient, now: datetime) -> None:
        wait_s = recipient.preferences.escalate_after_s
        if climb.rung is _ORDER[-1] or wait_s is None:
            await self._timers.done(due)
            return
        higher = msgspec.structs.replace(climb, rung=_ORDER[_ORDER.index(climb.rung) + 1])
        again = now if climb.rung is Rung.CALL and self._caller is None else now + timedelta(seconds=wait_s)
        await self._timers.done(due, again=again, body=msgspec.json.encode(higher))

    async def _do(self, climb: Climb, recipient: Recipient) -> tuple[str, str | None]:
        """Do one rung: what came of it, and the notice that it sent."""
        match climb.rung:
            case Rung.RING:
                return await self._ring(climb.notice, recipient, suffix="ring")
            case Rung.CALL:
                return await self._call(climb.notice, recipient), None
            case Rung.NEXT_PERSON:
                other = await self._audience.beside(recipient)
                if other is None:
                    return "nobody else may answer", None
                return await self._ring(climb.notice, other, suffix="next")

    async def _ring(self, notice: Notice, recipient: Recipient, *, suffix: str) -> tuple[str, str]:
        louder = msgspec.structs.replace(
            notice,
            id=f"{notice.id}-{suffix}",
            session_id=recipient.session_id,
            text=still_waiting(notice.text),
            ring=True,
            at=self._clock(),
        )
        await self._teller.tell(louder, recipient)
        return "told", louder.id

    async def _call(self, notice: Notice, recipient: Recipient) -> str:
        number = proven_number(recipient)
        if self._caller is None:
            return "there is no telephone yet"
        if number is None:
            return "no proven number is known"
        return "taken" if await self._caller.call(number, notice.text) else "not taken"

    def _quiet(self, notice: Notice, recipient: Recipient, now: datetime) -> datetime | None:
        wanted = recipient.preferences
        if wanted.attention_to(notice.kind) is Attention.RING:
            return None
        return quiet_until(wanted.quiet_from, wanted.quiet_to, recipient.zone, now)

    async def _receipt(
        self, notice: Notice, recipient: Recipient, *, step: str, outcome: str, notice_id: str | None
    ) -> None:
        person = recipient.person.id if recipient.person else None
        receipt = Receipt(step=step, person_id=person, notice_id=notice_id, outcome=outcome, at=self._clock())
        await add_receipt(self._redis, notice.gate_id or "", receipt)


def _timer(gate_id: str) -> str:
    return f"{LADDER}|{gate_id}"
