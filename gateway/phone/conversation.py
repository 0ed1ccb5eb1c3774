"""One call: what is said in it becomes turns of the session, what answers them is spoken."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from uuid import uuid4

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import NewTurn
from gateway.errors import Busy
from gateway.phone import wording
from gateway.phone.approvals import Approvals
from gateway.phone.consent import Consent
from gateway.phone.exchanges import Exchange, Exchanges
from gateway.phone.farewell import takes_leave
from gateway.phone.gatekeeper import Door, Gatekeeper
from gateway.phone.hearing import Ear
from gateway.phone.intake import Intake
from gateway.phone.parties import Party
from gateway.phone.presence import Presence
from gateway.phone.prompting import Prompter
from gateway.phone.second_thoughts import SecondThoughts
from gateway.phone.unasked import Unasked
from gateway.phone.watching import Watcher
from gateway.session.stream import SessionStream
from gateway.session.turns import Lane, SessionId, Turn, TurnId
from voice.port import Call, CallRecord, Spoken, SpokenKind, Utterance

APPEND_PATIENCE_S = 5.0
"""Until the caller hears that the store does not take what they said."""
ANSWER_PATIENCE_S = 60.0
"""Without a word of an answer, until the caller is told not to wait for it."""
RECORD_PATIENCE_S = 2.0
_STOP = frozenset({"stop", "stop it", "stop that", "cancel that", "never mind", "nevermind", "forget it"})

log = structlog.get_logger(__name__)


class Conversation:
    """Fills `voice.port.CallHandler`."""

    def __init__(
        self,
        stream: SessionStream,
        ops: AgentOpsClient,
        party: Party,
        gatekeeper: Gatekeeper,
        *,
        call_id: str,
        watcher: Watcher,
        clock: Callable[[], datetime],
        consent: Consent | None = None,
        presence: Presence | None = None,
        answer_patience_s: float = ANSWER_PATIENCE_S,
    ) -> None:
        self._ops = ops
        self._party = party
        self._gatekeeper = gatekeeper
        self._call_id = call_id
        self._watcher = watcher
        self._clock = clock
        self._call: Call | None = None
        self._writing: set[asyncio.Task[None]] = set()
        self._answer_patience_s = answer_patience_s
        self._approvals = Approvals(ops, party, call_id)
        self._consent = consent
        self._presence = presence
        self.intake = Intake(stream)
        self.exchanges = Exchanges()
        self.second_thoughts = SecondThoughts(ops)
        self.ear = Ear(stream, party.session_id, address=party.address if party.resumed else "")
        self._prompter = Prompter(ops, party.session_id)
        self._unasked = Unasked(self.ear, self._approvals, self._say)
        self.message: list[str] = []
        """What somebody unknown left for the owner."""

    @property
    def call(self) -> Call | None:
        """The hand on the call, once it has begun."""
        return self._call

    async def greeting(self, call: Call) -> str:
        """The first words, by who calls."""
        self._call = call
        if await self._gatekeeper.shut_for_a_while():
            await call.hang_up()
            return wording.PIN_LOCKED
        match self._gatekeeper.door:
            case Door.PIN:
                return wording.asks_pin(self._party)
            case Door.MESSAGE:
                return wording.LEAVE_MESSAGE
        opening = await self._opening(wording.first_question(self._party))
        return f"{wording.hello(self._party, self._clock())} {opening}"

    async def answer(self, utterance: Utterance) -> AsyncIterator[str]:
        """The answer to what was said, once the door is open."""
        door = self._gatekeeper.door
        if door is Door.OPEN:
            if self._presence is not None:
                self._presence.here()
            await self._watcher.person(utterance.id, utterance.text)
            decided = await self._past_the_chief(utterance)
            if decided is not None:
                await self._watcher.chief(utterance.id, decided, final=False)
                yield decided
                return
            async for piece in self._talked(utterance):
                yield piece
        elif door is Door.MESSAGE:
            yield await self._noted(utterance.text)
        elif door is Door.RUNG:
            words = self._gatekeeper.welcome().words
            if self._consent is not None:
                words = self._consent.take(utterance) or words
            yield words + await self._approvals.hint(words)
        elif door is Door.PIN:
            verdict = await self._gatekeeper.knock(utterance)
            if verdict.ends and self._call is not None:
                await self._call.hang_up()
            words = verdict.words
            if self._gatekeeper.door is Door.OPEN:
                opening = await self._opening(self._party.message or wording.WHAT_FOR)
                words = wording.let_in(self._party, opening)
            yield words + await self._approvals.hint(words)

    async def _opening(self, question: str) -> str:
        """What a call begins with, once the door is open; whether it is recorded comes first."""
        if self._call is not None:
            self._prompter.begin(self._call)
        return question if self._consent is None else await self._consent.opening(question)

    async def _past_the_chief(self, utterance: Utterance) -> str | None:
        """The answer to what no model decides about; None for words about anything else."""
        if self._consent is not None and (words := self._consent.take(utterance)) is not None:
            return words + await self._approvals.hint(words)
        return await self._approvals.take(utterance)

    async def heard(self, spoken: Spoken) -> None:
        """An answer that was cut off is put on record as far as it was heard."""
        self._approvals.heard(spoken.text)
        if self._consent is not None:
            self._consent.heard(spoken)
        if spoken.kind is not SpokenKind.ANSWER:
            return
        exchange = self.exchanges.of(spoken.utterance_id)
        if exchange is not None and spoken.interrupted:
            task = asyncio.create_task(self._cut_short(exchange.turn.id, spoken.text))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        elif exchange is not None:
            exchange.heard = not exchange.late
            await self._maybe_part(exchange, spoken.text)
        await self._watcher.chief(spoken.utterance_id, spoken.text, final=True)

    async def _maybe_part(self, exchange: Exchange, answer: str) -> None:
        """Hang up on who heard our goodbye, be it an answer to theirs; unless they are asked something."""
        reply = exchange.answer.reply
        leaves = takes_leave(exchange.turn.text) or (reply is not None and reply.parts)
        asks = answer.rstrip().endswith("?")
        if self._call is not None and leaves and not asks:
            log.info("call.parted", call_id=self._call_id, turn_id=exchange.turn.id)
            await self._call.hang_up()

    async def written(self) -> None:
        """Until what was heard is on record; the next turn is understood by it."""
        if self._writing:
            await asyncio.wait(self._writing, timeout=RECORD_PATIENCE_S)
        if self._consent is not None:
            await self._consent.written()

    async def ended(self, record: CallRecord) -> None:
        """The desk does what is left to do."""
        self._call = None

    async def run(self, ready: asyncio.Event) -> None:
        """Hear the session, and speak its notices, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.ear.listen(ready))
            group.create_task(self._unasked.run())
            group.create_task(self._prompter.run())

    async def _talked(self, utterance: Utterance) -> AsyncIterator[str]:
        turn = self._turn(utterance)
        exchange = Exchange(turn, self.ear.expect(turn.id))
        self.exchanges.begin(utterance.id, exchange)
        replaced = self.exchanges.of(utterance.replaces)
        if replaced is not None:  # the caller had only paused
            await self.second_thoughts.take_back(replaced)
        taking = self.intake.take(turn, behind=self.written)
        taking.add_done_callback(lambda task: _mark_taken(task, exchange))
        try:
            if not await _done(taking, APPEND_PATIENCE_S):
                log.warning("call.store_away", call_id=self._call_id)
                yield wording.STORE_AWAY
            if not await _done(taking, self._answer_patience_s):
                self._unasked.put_off(exchange)
                yield wording.STORE_STILL_AWAY
                return
        except Busy as busy:
            yield str(busy)
            return
        async for piece in self._told(utterance.id, exchange):
            yield piece

    async def _told(self, utterance_id: str, exchange: Exchange) -> AsyncIterator[str]:
        said = ""
        try:
            async for piece in exchange.answer.pieces(self._answer_patience_s):
                said += piece
                await self._watcher.chief(utterance_id, said, final=False)
                yield piece
            if exchange.answer.reply is not None:
                self._prompter.answered(exchange.turn.text, exchange.answer.reply)
        except TimeoutError:
            log.warning("call.no_answer", call_id=self._call_id, turn_id=exchange.turn.id)
            self._unasked.put_off(exchange)
            await self._watcher.chief(utterance_id, said + wording.NO_ANSWER_YET, final=False)
            yield wording.NO_ANSWER_YET

    async def _say(self, text: str) -> bool:
        """Say something unasked to whoever is let in."""
        if self._call is None or self._gatekeeper.door is not Door.OPEN:
            return False
        await self._call.say(text)
        return True

    def _turn(self, utterance: Utterance) -> Turn:
        stops = utterance.text.strip(" .!?,").lower() in _STOP
        return Turn(
            id=TurnId(uuid4().hex),
            session_id=SessionId(self._party.session_id),
            channel=self._party.channel,
            address=self._party.address,
            external_id=f"{self._call_id}:{utterance.id}",
            text="/stop" if stops and self._working else utterance.text,
            lane=Lane.CONTROL if stops and self._working else Lane.TALK,
            person_id=self._party.person_id or "owner",
            role=self._party.role,
            interrupts=bool(utterance.replaces),
            received_at=utterance.at,
        )

    async def _cut_short(self, turn_id: TurnId, text: str) -> None:
        """Tell the chief, by the record, how much of its answer was heard; before the next turn."""
        record = NewTurn(
            id=f"heard-{turn_id}",
            role="heard",
            channel=self._party.channel,
            text=text or "…",
            reply_to=turn_id,
        )
        try:
            await self._ops.record_turn(self._party.session_id, record)
        except AgentOpsError as error:
            log.warning("call.cut_not_recorded", call_id=self._call_id, code=error.code)

    @property
    def _working(self) -> bool:
        """Whether an answer is still being made."""
        return any(answer.reply is None for answer in self.ear.answers)

    async def _noted(self, text: str) -> str:
        self.message.append(text)
        if sum(map(len, self.message)) < 2_000 and len(self.message) < 12:
            return wording.MESSAGE_NOTED
        if self._call is not None:
            await self._call.hang_up()
        return wording.MESSAGE_FULL


async def _done(task: "asyncio.Task[None]", within_s: float) -> bool:
    """Whether a task ends in time; it goes on if it does not.

    Raises:
        Busy: The session took nothing.
    """
    done, _ = await asyncio.wait([task], timeout=within_s)
    return bool(done) and task.result() is None


def _mark_taken(task: "asyncio.Task[None]", exchange: Exchange) -> None:
    exchange.taken = not task.cancelled() and task.exception() is None
