"""Callers of a house: each clip is said in a real call, and each answer listened to."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field

from gateway.session.redis_stream import RedisSessionStream
from gateway.session.turns import SessionId, TurnHeard
from ops.bench.voice_house import OURS, Answerer, House, Resident
from ops.bench.voice_speakers import Clip
from ops.phone_calls import Instructions, incoming
from ops.phone_line import RATE_HZ, FarEnd
from voice.port import Encoding
from voice.scoring import word_errors
from voice.sound import from_pcm16, resampled, to_bytes

ANSWER_WITHIN_S = 45.0
_GREETING_WITHIN_S = 30.0
_LET_IN_WITHIN_S = 60.0
_QUIET_S = 0.9
_BEFORE_CUT_S = 0.7


@dataclass
class Talk:
    """What came of one caller's clips. Times in seconds."""

    waits_s: list[float] = field(default_factory=list)
    """From each clip's last sound to the first sound of its answer."""
    greeting_s: float = 0.0
    """From the stream's `start`."""
    wrong: int = 0
    words: int = 0
    split: int = 0
    """Clips that were taken for more than one turn."""
    rejoined: int = 0
    """Pauses that were taken for the end of a turn, until the caller went on."""
    unanswered: int = 0
    misheard: list[tuple[str, str]] = field(default_factory=list)
    """What was said, and what was understood of it."""


class Overhearing:
    """What a session was told on the telephone, turn after turn."""

    def __init__(self) -> None:
        self.turns: list[str] = []
        self.rejoined = 0
        """Turns that were answered too early: the caller had only paused, and went on."""

    def take(self, text: str, *, goes_on: bool) -> None:
        """One turn; in the place of the one before it, if the caller had only paused."""
        if self.turns and goes_on:
            self.turns.pop()
            self.rejoined += 1
        self.turns.append(text)

    async def listen(self, stream: RedisSessionStream, session: SessionId) -> None:
        """Until cancelled."""
        async with aclosing(stream.listen(session, after=await stream.end(session))) as heard:
            async for _, said in heard:
                if isinstance(said, TurnHeard):
                    self.take(said.text, goes_on=said.interrupts)


def coded(clip: Clip) -> bytes:
    """As the telephone carries it."""
    return from_pcm16(to_bytes(resampled(clip.sound, clip.sample_rate_hz, RATE_HZ)), Encoding.MULAW)


@asynccontextmanager
async def calling(at: Answerer, who: Resident) -> AsyncIterator[tuple[FarEnd, float]]:
    """A call, after its greeting has begun; when that was, in seconds from `start`."""
    told, fields = await _let_in(at, who)
    async with at.network.connected(told, fields["CallSid"]) as far:
        async with asyncio.timeout(_GREETING_WITHIN_S):
            while (greeted := far.timeline.first_sound_after(0)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        yield far, greeted


async def _let_in(at: Answerer, who: Resident) -> tuple[Instructions, dict[str, str]]:
    """Ring until there are ears and a mouth: just after its start a gateway still loads them."""
    async with asyncio.timeout(_LET_IN_WITHIN_S):
        while True:
            fields = incoming(who.number, OURS)
            told = await at.network.ring(fields)
            if told.stream_url:
                return told, fields
            await asyncio.sleep(0.2)


async def talk(house: House, at: Answerer, who: Resident, clips: Sequence[Clip]) -> Talk:
    """One call in which each clip is said."""
    found, over = Talk(), Overhearing()
    listening = asyncio.create_task(over.listen(house.stream, who.session))
    try:
        async with calling(at, who) as (far, found.greeting_s):
            await far.until_it_spoke(after_s=0, quiet_s=_QUIET_S)
            for clip in clips:
                await _said(far, clip, found, over)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    found.rejoined = over.rejoined
    return found


async def _said(far: FarEnd, clip: Clip, found: Talk, over: Overhearing) -> None:
    before = len(over.turns)
    wait_s = await answered(far, clip)
    if wait_s is None:
        found.unanswered += 1
    else:
        found.waits_s.append(wait_s)
    heard = over.turns[before:]
    found.split += len(heard) > 1
    if clip.words:
        wrong, words = word_errors(clip.words, " ".join(heard))
        found.wrong, found.words = found.wrong + wrong, found.words + words
        if wrong:
            found.misheard.append((clip.words, " | ".join(heard)))


async def answered(far: FarEnd, clip: Clip) -> float | None:
    """Say a clip and listen to the answer; how long it took to begin, None: there was none."""
    ended_s = await far.say(coded(clip))
    if far.closed.is_set():
        return None
    with suppress(TimeoutError):
        await far.until_it_spoke(after_s=ended_s, quiet_s=_QUIET_S, within_s=ANSWER_WITHIN_S)
    began_s = far.timeline.first_sound_after(ended_s)
    return None if began_s is None else began_s - ended_s


async def interrupt(at: Answerer, who: Resident, clip: Clip) -> float:
    """Speak over the greeting: seconds from the first sound until the line is cleared."""
    async with calling(at, who) as (far, _):
        await asyncio.sleep(_BEFORE_CUT_S)
        began_s = far.timeline.now_s
        await far.say(coded(clip))
        await asyncio.sleep(0.2)
        return next((cleared - began_s for cleared in far.cleared_at if cleared >= began_s), 9.9)
