"""One call: what is said in it becomes turns of the session, what answers them is spoken."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Protocol
from uuid import uuid4

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import Cancel, NewTurn, TaskId
from gateway.errors import Busy
from gateway.phone import wording
from gateway.phone.gatekeeper import Door, Gatekeeper
from gateway.phone.hearing import Answer, Ear
from gateway.phone.parties import Party
from gateway.session.stream import SessionStream
from gateway.session.turns import Lane, SessionId, Turn, TurnId
from voice.port import Call, CallRecord, Spoken, SpokenKind, Utterance

APPEND_PATIENCE_S = 5.0
RECORD_PATIENCE_S = 2.0
_LONGEST_NOTICE = 220
_STOP = frozenset({"stop", "stop it", "stop that", "cancel that", "never mind", "nevermind", "forget it"})

log = structlog.get_logger(__name__)


class Watcher(Protocol):
    """Sees a call's words as they come, for a page that shows them."""

    async def person(self, utterance_id: str, text: str) -> None:
        """What the person said."""

    async def chief(self, utterance_id: str, text: str, *, final: bool) -> None:
        """The answer so far; when it is final, what was heard of it."""


class Unwatched:
    """Nobody looks."""

    async def person(self, utterance_id: str, text: str) -> None: ...

    async def chief(self, utterance_id: str, text: str, *, final: bool) -> None: ...


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
    ) -> None:
        self._stream = stream
        self._ops = ops
        self._party = party
        self._gatekeeper = gatekeeper
        self._call_id = call_id
        self._watcher = watcher
        self._clock = clock
        self._call: Call | None = None
        self._answers: dict[str, tuple[TurnId, Answer]] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self.ear = Ear(stream, party.session_id)
        self.message: list[str] = []
        """What somebody unknown left for the owner."""
        self.asked: list[str] = []
        """What became turns."""
        self.unheard = ""
        """The last answer, if it was cut off: what the person did hear of it."""

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
        return wording.greeting(self._party, self._clock())

    async def answer(self, utterance: Utterance) -> AsyncIterator[str]:
        """The answer to what was said, once the door is open."""
        door = self._gatekeeper.door
        if door is Door.OPEN:
            await self._watcher.person(utterance.id, utterance.text)
            async for piece in self._talked(utterance):
                yield piece
        elif door is Door.MESSAGE:
            yield await self._noted(utterance.text)
        elif door is Door.RUNG:
            yield self._gatekeeper.welcome().words
        elif door is Door.PIN:
            verdict = await self._gatekeeper.knock(utterance)
            if verdict.ends and self._call is not None:
                await self._call.hang_up()
            yield verdict.words

    async def heard(self, spoken: Spoken) -> None:
        """An answer that was cut off is put on record as far as it was heard."""
        if spoken.kind is not SpokenKind.ANSWER:
            return
        self.unheard = spoken.text if spoken.interrupted else ""
        if spoken.interrupted and spoken.utterance_id in self._answers:
            task = asyncio.create_task(self._cut_short(self._answers[spoken.utterance_id][0], spoken.text))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        await self._watcher.chief(spoken.utterance_id, spoken.text, final=True)

    async def written(self) -> None:
        """Until what was heard is on record; the next turn is understood by it."""
        if self._writing:
            await asyncio.wait(self._writing, timeout=RECORD_PATIENCE_S)

    async def ended(self, record: CallRecord) -> None:
        """The desk does what is left to do."""
        self._call = None

    async def run(self, ready: asyncio.Event) -> None:
        """Hear the session, and speak its notices, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.ear.listen(ready))
            group.create_task(self._speak_notices())

    async def _talked(self, utterance: Utterance) -> AsyncIterator[str]:
        turn = self._turn(utterance)
        answer = self.ear.expect(turn.id)
        self._answers[utterance.id] = (turn.id, answer)
        await self._take_back(utterance)
        try:
            async with asyncio.timeout(APPEND_PATIENCE_S):
                await self.written()
                await self._stream.append(turn)
        except Busy as busy:
            yield str(busy)
            return
        except TimeoutError:
            log.warning("call.turn_not_taken", call_id=self._call_id)
            yield wording.STORE_AWAY
            return
        self.asked.append(utterance.text)
        async for piece in self._told(utterance.id, answer):
            yield piece

    async def _told(self, utterance_id: str, answer: Answer) -> AsyncIterator[str]:
        said = ""
        async for piece in answer.pieces():
            said += piece
            await self._watcher.chief(utterance_id, said, final=False)
            yield piece

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

    async def _take_back(self, utterance: Utterance) -> None:
        """The caller had only paused: what half of their sentence created was never confirmed, nor wanted."""
        replaced = self._answers.get(utterance.replaces)
        if replaced is None:
            return
        if self.asked:
            self.asked.pop()
        reply = replaced[1].reply
        for action in reply.actions if reply else ():
            if action.type == "task.created":
                await self._cancel(TaskId(action.entity_id))

    async def _cancel(self, task_id: TaskId) -> None:
        try:
            await self._ops.cancel(task_id, Cancel(reason="The caller had not finished the sentence."))
        except AgentOpsError as error:
            log.warning("call.not_taken_back", task_id=task_id, code=error.code)

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

    async def _speak_notices(self) -> None:
        while True:
            notice = await self.ear.notices.get()
            if self._call is None or self._gatekeeper.door is not Door.OPEN or notice.kind == "call.ended":
                continue
            await self._call.say(_shortened(notice.text))
            log.info("notice.spoken", call_id=self._call_id, notice_id=notice.id)


def _shortened(text: str) -> str:
    """What is bearable to hear in between; the whole of it is on the other channels."""
    words = text.strip()
    if len(words) <= _LONGEST_NOTICE:
        return words
    cut = words[:_LONGEST_NOTICE]
    return cut[: cut.rfind(". ") + 1] or f"{cut.rpartition(' ')[0]}…"
