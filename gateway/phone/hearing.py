"""The session as a call hears it: answers to what was said in the call, and notices meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import structlog

from gateway.phone import wording
from gateway.session.stream import SessionStream
from gateway.session.turns import Interrupted, Notice, Reply, ReplyChunk, SessionId, TurnId

CORRECTED = "Let me correct that. "
AT_ONCE_S = 1.0
"""What became void because it was stopped is followed by its end; what begins anew takes longer."""
_SURE = 12
"""So many characters in common are no accident."""

log = structlog.get_logger(__name__)


class Answer:
    """One turn's answer as it comes: in chunks, some of which may be lost, and whole at the end."""

    def __init__(self, *, at_once_s: float = AT_ONCE_S) -> None:
        self._at_once_s = at_once_s
        self._come = asyncio.Event()
        self._pieces: list[str] = []
        self._next_seq = 0
        self._said = ""
        self._void = False
        self.reply: Reply | None = None

    def chunk(self, chunk: ReplyChunk) -> None:
        """A piece. Behind a gap nothing is said before the whole answer is here."""
        if chunk.seq == self._next_seq:
            self._next_seq += 1
            self._pieces.append(chunk.text)
            self._come.set()

    def begin_anew(self) -> None:
        """What was said so far is void; the whole answer will tell."""
        self._next_seq = -1
        self._pieces.clear()
        self._void = True
        self._come.set()

    def whole(self, reply: Reply) -> None:
        """The answer as it stands."""
        self.reply = reply
        self._come.set()

    async def pieces(self, patience_s: float | None = None) -> AsyncIterator[str]:
        """What to say, as soon as it is known; what was wrong of it is put right at the end.

        Raises:
            TimeoutError: Nothing came for so long.
        """
        while True:
            async with asyncio.timeout(patience_s):
                await self._come.wait()
            self._come.clear()
            if self._void and not await self._over_at_once():
                self._void, self._said = False, ""
                yield wording.BEGINS_ANEW
            while self._pieces and self.reply is None:
                piece = _spaced(self._said, self._pieces.pop(0))
                self._said += piece
                yield piece
            if self.reply is not None:
                rest = left_to_say(self._said, self.reply.text)
                if rest:
                    yield rest
                return

    async def _over_at_once(self) -> bool:
        """Whether the whole answer is here, or comes now."""
        try:
            async with asyncio.timeout(self._at_once_s):
                await self.finished()
        except TimeoutError:
            return False
        return True

    async def finished(self) -> Reply:
        """The whole answer, once it is there."""
        while self.reply is None:
            await self._come.wait()
            self._come.clear()
        return self.reply


def left_to_say(said: str, whole: str) -> str:
    """What is missing of an answer of which `said` was spoken; with a correction if it was another."""
    spoken, wanted = said.rstrip(), whole.strip()
    if spoken.endswith(wanted):
        return ""
    for begun in (said.lstrip(), spoken.lstrip()):
        if wanted.startswith(begun):
            return wanted[len(begun) :]
    for length in range(min(len(spoken), len(wanted)), _SURE - 1, -1):
        if spoken.endswith(wanted[:length]):  # words before a tool's use are not in the whole answer
            return wanted[length:]
    return f" {CORRECTED}{wanted}"


def _spaced(said: str, piece: str) -> str:
    """A model's words before and after a tool come without a space between them."""
    return f" {piece}" if said[-1:] in tuple(".!?:") and piece[:1].isupper() else piece


class Ear:
    """Listens to one session for the time of a call."""

    def __init__(self, stream: SessionStream, session: SessionId, *, address: str = "") -> None:
        """Nothing is heard before `listen`.

        Args:
            stream: Of all sessions.
            session: Whose.
            address: Of a caller who was here before: what answers them is `belated`.
        """
        self._stream = stream
        self._session = session
        self._address = address
        self._answers: dict[TurnId, Answer] = {}
        self.notices: asyncio.Queue[Notice] = asyncio.Queue()
        self.belated: asyncio.Queue[Reply] = asyncio.Queue()
        """Answers to what was asked before the line broke."""

    def expect(self, turn_id: TurnId) -> Answer:
        """From now on take in what answers this turn; before it is appended."""
        answer = self._answers[turn_id] = Answer()
        return answer

    @property
    def answers(self) -> list[Answer]:
        """Of all the turns of this call."""
        return list(self._answers.values())

    async def listen(self, ready: asyncio.Event) -> None:
        """Take in until cancelled.

        Args:
            ready: Set when nothing that is said from now on is missed.
        """
        after = await self._stream.end(self._session)
        ready.set()
        async with aclosing(self._stream.listen(self._session, after=after)) as heard:
            async for _, said in heard:
                self._take(said)

    def _take(self, said: object) -> None:
        match said:
            case Notice():
                self.notices.put_nowait(said)
            case ReplyChunk() | Interrupted() | Reply() if said.turn_id in self._answers:
                answer = self._answers[said.turn_id]
                if isinstance(said, ReplyChunk):
                    answer.chunk(said)
                elif isinstance(said, Reply):
                    answer.whole(said)
                else:
                    answer.begin_anew()
            case Reply() if self._address and (said.channel, said.address) == ("phone", self._address):
                self.belated.put_nowait(said)
