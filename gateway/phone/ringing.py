"""Ringing somebody: within limits, once for each cause, again when the line was busy."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Protocol
from uuid import uuid4

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import BudgetState, BudgetUnit
from gateway.phone import twiml, wording
from gateway.phone.callers import Callers
from gateway.phone.errors import NotRinging, TwilioRefused
from gateway.phone.metrics import RINGS
from gateway.phone.numbers import shown
from gateway.phone.parties import Party, Trust
from gateway.phone.placed import Outcome, Placed
from gateway.phone.records import Records
from gateway.phone.settings import PhoneSettings
from gateway.phone.webhooks import MACHINE, STATUS, TAKEN
from gateway.session.memos import Memos
from gateway.session.stream import SessionStream
from gateway.session.turns import CALL_ENDED, Notice, SessionId

ONCE_FOR_S = 600
"""The same words to the same number ring once in this time, whoever asks for it how often."""
_TO_TELL_S = 20.0
"""From the answer to whether it is a person or a machine."""
_DAY_S = 86_400

log = structlog.get_logger(__name__)


class Placing(Protocol):
    """What places calls; `rest.TwilioRest` does."""

    async def place(self, number: str, *, taken: str, status: str, machine: str) -> str:
        """Ring a number; the call's id."""

    async def tell(self, call_sid: str, twiml: str) -> None:
        """Make a call that goes on do something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """Fills `gateway.outbound.Caller`."""

    settings: PhoneSettings
    ops: AgentOpsClient
    rest: Placing
    callers: Callers
    placed: Placed
    records: Records
    memos: Memos
    stream: SessionStream
    clock: Callable[[], datetime]
    background: set["asyncio.Task[None]"] = field(default_factory=set)
    """Rings that nobody waits for."""

    async def begin(self, number: str, text: str, session_id: SessionId) -> str | None:
        """Ring beside; None, or why not. Fills `gateway.outbound.Ringer`."""
        try:
            party = await self._allowed(number, text)
        except NotRinging as error:
            return f"I cannot call you now: {error}."
        task = asyncio.create_task(self._ring_beside(number, party, session_id))
        self.background.add(task)
        task.add_done_callback(self.background.discard)
        return None

    async def _ring_beside(self, number: str, party: Party, session_id: SessionId) -> None:
        outcome = await self._tried(number, party)
        RINGS.labels(outcome.value).inc()
        if outcome in (Outcome.TAKEN, Outcome.MACHINE):
            return
        text = (
            f"I rang your number {shown(number)}, and it came to nothing: {outcome.value.replace('_', ' ')}."
        )
        notice = Notice(
            id=f"rang-{uuid4().hex}", session_id=session_id, kind=CALL_ENDED, text=text, at=self.clock()
        )
        await self.stream.notify(notice)

    async def call(self, number: str, text: str) -> bool:
        """Ring, and say the text when the call is taken; whether a person took it."""
        try:
            return await self.ring(number, text) is Outcome.TAKEN
        except NotRinging as error:
            log.warning("call.not_placed", number=shown(number), reason=str(error))
            return False

    async def ring(self, number: str, text: str) -> Outcome:
        """Ring somebody who is known by this number; how it came out.

        Raises:
            NotRinging: No call was placed; the message says why.
        """
        cause = sha256(f"{number}\n{text}".encode()).hexdigest()
        if not await self.memos.once(f"phone:rang:{cause}", keep_s=ONCE_FOR_S):
            return await self.placed.outcome(cause, self._longest_s)
        party = await self._allowed(number, text)
        outcome = await self._tried(number, party)
        RINGS.labels(outcome.value).inc()
        # For whoever asked for the same meanwhile.
        await self.placed.tell(cause, *_as_told(outcome))
        return outcome

    async def _tried(self, number: str, party: Party) -> Outcome:
        outcome = Outcome.FAILED
        for attempt in range(self.settings.ring_tries):
            if attempt:
                await asyncio.sleep(self.settings.ring_pause_s)
            await self._count(number)
            outcome = await self._once(number, party)
            log.info("call.placed", number=shown(number), outcome=outcome, attempt=attempt + 1)
            if not outcome.again:
                break
        return outcome

    async def _once(self, number: str, party: Party) -> Outcome:
        ring_id = uuid4().hex
        base = self.settings.reached_at
        await self.placed.expect(ring_id, party)
        try:
            sid = await self.rest.place(
                number,
                taken=f"{base}{TAKEN}?ring={ring_id}",
                status=f"{base}{STATUS}?ring={ring_id}",
                machine=f"{base}{MACHINE}?ring={ring_id}",
            )
        except TwilioRefused as error:
            log.warning("call.not_placed", number=shown(number), reason=str(error))
            # What may have been placed is not placed again: nobody shall be rung twice for one thing.
            return Outcome.NO_ANSWER if error.perhaps_done else Outcome.FAILED
        outcome = await self.placed.outcome(ring_id, self.settings.ring_for_s + _TO_TELL_S)
        if outcome is Outcome.MACHINE:
            await self._leave_word(sid)
        if outcome is not Outcome.TAKEN:
            await self.records.ended(sid, party, seconds=0, by=outcome.value)
        return outcome

    async def _leave_word(self, sid: str) -> None:
        """Never what it is about: anybody may listen to a machine."""
        words = twiml.told_after_tone(wording.VOICEMAIL) if self.settings.voicemail else twiml.ended()
        try:
            await self.rest.tell(sid, words)
        except TwilioRefused as error:
            log.warning("call.no_voicemail", call_id=sid, reason=str(error))

    async def _allowed(self, number: str, text: str) -> Party:
        day = f"phone:rings:{self.clock():%Y-%m-%d}"
        if len(await self.memos.gathered(day)) >= self.settings.rings_per_day:
            raise NotRinging(
                f"{self.settings.rings_per_day} calls were placed today; PHONE_RINGS_PER_DAY says so"
            )
        try:
            party = await self.callers.called(number, text)
            budgets = await self.ops.list_budgets()
        except AgentOpsError as error:
            raise NotRinging("the ledger does not answer just now, so nobody is known") from error
        if party.trust is Trust.STRANGER:
            raise NotRinging("nobody has linked this number; only known people are rung")
        if any(one.unit is BudgetUnit.CALL_SECONDS and one.state is BudgetState.EXHAUSTED for one in budgets):
            raise NotRinging("the budget for calls is used up")
        return party

    async def _count(self, number: str) -> None:
        day = f"phone:rings:{self.clock():%Y-%m-%d}"
        await self.memos.gather(day, uuid4().hex, shown(number), keep_s=_DAY_S)

    @property
    def _longest_s(self) -> float:
        return self.settings.ring_tries * (self.settings.ring_for_s + _TO_TELL_S + self.settings.ring_pause_s)


def _as_told(outcome: Outcome) -> tuple[str, str]:
    """An outcome in Twilio's words."""
    if outcome is Outcome.TAKEN:
        return "answered_by", "human"
    if outcome is Outcome.MACHINE:
        return "answered_by", "machine_end_other"
    words = {Outcome.NO_ANSWER: "no-answer", Outcome.CANCELLED: "canceled"}
    return "status", words.get(outcome, outcome.value)
