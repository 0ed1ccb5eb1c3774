"""Whether a call is recorded: asked first, begun by a plain yes alone, ended at any word of it.

not asked ─► asked ─── yes ──► recording ◄─ "record this call"
               │                  │
               │                  └── "stop recording" ──► stopped, and the rest of the call is not
               └── anything else ──► not recorded, and the call goes on

Past the chief: no model decides about it. It is asked once the door is open: no PIN is on a recording.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Protocol

import structlog

from agentops import AgentOpsClient
from gateway.phone import wording
from gateway.phone.asides import put_on_record
from gateway.phone.parties import Party
from gateway.phone.recording_wishes import Wish, answer_of, wish_of
from gateway.session.memos import Memos
from voice.port import Spoken, SpokenKind, Utterance

KEPT_S: Final = 4 * 3_600
"""How long a call's yes counts for its next stream."""
STORE_PATIENCE_S: Final = 2.0
_MOST_ASKED: Final = 2
"""Who spoke over the question hears it once more."""

log = structlog.get_logger(__name__)


class Tape(Protocol):
    """What a call is recorded on; `voice.recording.Tape` is one."""

    running: bool
    broken: bool

    def begin(self) -> None:
        """Take from now on."""

    def stop(self) -> None:
        """Take no more."""

    def erase(self) -> None:
        """Take no more, and drop what there is."""


class Consent:
    """One call's."""

    def __init__(self, tape: Tape, ops: AgentOpsClient, party: Party, memos: Memos, call_id: str) -> None:
        self._tape = tape
        self._ops = ops
        self._party = party
        self._memos = memos
        self._call_id = call_id
        self._given = f"phone:recording:{call_id.removesuffix(f'-{party.leg}')}"
        self._asked = 0
        self._waits = False
        self._heard = False
        self._then = ""
        self._storing: asyncio.Task[None] | None = None

    async def opening(self, question: str) -> str:
        """How the call opens: with the announcement, and not yet with what comes first otherwise.

        Args:
            question: That; it follows when the caller has decided.
        """
        if self._party.resumed:
            return await self._resumed(question)
        self._asked, self._waits = 1, True
        self._then = self._party.message or question
        return wording.MAY_I_RECORD

    async def _resumed(self, question: str) -> str:
        """The line broke, and what was agreed to in this call still is."""
        if await self._memos.get(self._given) is None:
            return question
        self._tape.begin()
        return f"{wording.RECORDING_GOES_ON} {question}"

    def heard(self, spoken: Spoken) -> None:
        """What the caller has heard: a yes to what they did not hear is none."""
        if wording.MAY_I in spoken.text:
            self._heard = True
        elif spoken.kind is not SpokenKind.FILLER:
            self._heard = False

    def take(self, utterance: Utterance) -> str | None:
        """Do what the caller decides, and say so; None for words about anything else."""
        if self._waits:
            return self._awaited(utterance)
        wish = wish_of(utterance)
        return None if wish is None else self._told(utterance, self._done(wish))

    def _awaited(self, utterance: Utterance) -> str | None:
        """The words after the question; all but a plain yes leave the call without a recording."""
        yes, wish = answer_of(utterance), wish_of(utterance)
        unheard = not self._heard and (yes is not None or self._party.rung)
        if unheard and wish is None and self._asked < _MOST_ASKED:
            self._asked += 1
            return wording.MAY_I_RECORD
        self._waits = False
        if wish is not None:
            answer = self._done(wish)
        elif yes and self._heard:
            answer = self._begun()
        elif yes is not None or self._party.rung:
            answer = wording.NOT_RECORDING
        else:
            return None
        return self._told(utterance, f"{answer} {self._then}")

    def _told(self, utterance: Utterance, answer: str) -> str:
        self._store(partial(put_on_record, self._ops, self._party, "recording", utterance, answer))
        return answer

    async def written(self) -> None:
        """Until what was decided is on record, for a moment."""
        if self._storing is not None:
            await asyncio.wait([self._storing], timeout=STORE_PATIENCE_S)

    def _store(self, work: Callable[[], Awaitable[None]]) -> None:
        """One after the other, beside: the caller does not wait for it, nor for a store that is away."""
        before = self._storing

        async def behind() -> None:
            if before is not None:
                await asyncio.wait([before])
            await work()

        self._storing = asyncio.create_task(behind(), name="consent")

    def _done(self, wish: Wish) -> str:
        match wish:
            case Wish.BEGIN:
                return self._begun()
            case Wish.STOP:
                return self._ended(wording.RECORDING_STOPPED)
            case Wish.ERASE:
                self._tape.erase()
                return self._ended(wording.RECORDING_ERASED, even_if_none=True)
            case Wish.ASKS:
                return wording.IS_RECORDED if self._tape.running else wording.NOT_RECORDED

    def _begun(self) -> str:
        self._tape.begin()
        if not self._tape.running:
            return wording.CANNOT_RECORD
        self._store(partial(self._memos.put, self._given, "yes", keep_s=KEPT_S))
        log.info("recording.begun", call_id=self._call_id, person_id=self._party.person_id)
        return wording.RECORDING

    def _ended(self, words: str, *, even_if_none: bool = False) -> str:
        ran = self._tape.running
        self._tape.stop()
        self._store(partial(self._memos.drop, self._given))
        log.info("recording.ended", call_id=self._call_id)
        return words if ran or even_if_none else wording.NOT_RECORDED
