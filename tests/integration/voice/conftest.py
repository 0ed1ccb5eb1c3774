"""The engines, once for all; a caller who speaks with the local voice; a handler that answers as told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from voice.call import CallOptions, hold_call
from voice.measures import TurnTimes, Unobserved
from voice.port import Call, CallRecord, Spoken, Utterance
from voice.sound import Samples
from voice.speech import Speech
from voice.testing import FakeLine

CALLER_HZ = 16_000


@pytest.fixture
def caller_says(speech: Speech) -> Callable[[str], Awaitable[Samples]]:
    """Words as sound at 16 kHz."""

    async def sound(words: str) -> Samples:
        return np.concatenate([piece async for piece in speech.speak(words, CALLER_HZ)])

    return sound


@dataclass
class Scripted:
    """A handler that gives its answers in turn; what it is told is kept."""

    answers: list[str | Exception] = field(default_factory=list)
    greets: str = ""
    thinks_s: float = 0.0
    utterances: list[Utterance] = field(default_factory=list)
    spoken: list[Spoken] = field(default_factory=list)
    records: list[CallRecord] = field(default_factory=list)
    call: Call | None = None
    closed: int = 0
    """Answers that were ended before their last piece."""

    async def greeting(self, call: Call) -> str:
        """Keep the call, greet."""
        self.call = call
        return self.greets

    async def answer(self, utterance: Utterance) -> AsyncIterator[str]:
        """The next answer, word by word."""
        self.utterances.append(utterance)
        answer = self.answers[min(len(self.utterances), len(self.answers)) - 1]
        try:
            await asyncio.sleep(self.thinks_s)
            if isinstance(answer, Exception):
                raise answer
            for word in answer.split(" "):
                yield word + " "
        except (asyncio.CancelledError, GeneratorExit):
            self.closed += 1
            raise

    async def heard(self, spoken: Spoken) -> None:
        """Keep it."""
        self.spoken.append(spoken)

    async def ended(self, record: CallRecord) -> None:
        """Keep it."""
        self.records.append(record)


class Watching(Unobserved):
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.turns: list[TurnTimes] = []
        self.cleared_after_s: list[float] = []
        self.failed: list[str] = []

    def turn_measured(self, times: TurnTimes) -> None:
        """Keep it."""
        self.turns.append(times)

    def interrupted(self, after_s: float) -> None:
        """Keep it."""
        self.cleared_after_s.append(after_s)

    def vendor_failed(self, vendor: str) -> None:
        """Keep it."""
        self.failed.append(vendor)


@dataclass
class OnThePhone:
    """A call that is being held."""

    line: FakeLine
    handler: Scripted
    observer: Watching
    speech: Speech
    task: asyncio.Task[CallRecord]

    async def say(self, sound: Samples) -> float:
        """Speak; returns when the last sound was sent."""
        return await self.line.say(sound, CALLER_HZ)

    async def told(self, times: int = 1) -> Spoken:
        """Wait until the handler was told what was heard, so many times in all."""
        async with asyncio.timeout(40):
            while len(self.handler.spoken) < times and not self.task.done():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return self.handler.spoken[times - 1]

    async def words_heard(self, after: float) -> str:
        """What the caller heard, transcribed; the engine wants a little silence around it."""
        rate_hz = self.line.sample_rate_hz
        quiet = np.zeros(rate_hz // 2, dtype=np.float32)
        return await self.speech.transcribe(
            np.concatenate([quiet, self.line.heard(after, pauses=False), quiet]), rate_hz
        )

    async def hang_up(self) -> CallRecord:
        """The caller ends it."""
        self.line.drop()
        async with asyncio.timeout(20):
            return await self.task


Ring = Callable[..., OnThePhone]


@pytest.fixture
async def ring(speech: Speech) -> AsyncIterator[Ring]:
    """Begin a call with a handler; ends with the test."""
    calls: list[OnThePhone] = []

    def begin(
        handler: Scripted,
        *,
        options: CallOptions | None = None,
        line: FakeLine | None = None,
        engines: Speech = speech,
    ) -> OnThePhone:
        line, observer = line or FakeLine(), Watching()
        task = asyncio.create_task(hold_call(line, handler, engines, options, observer))
        calls.append(OnThePhone(line, handler, observer, speech, task))
        return calls[-1]

    yield begin
    for call in calls:
        call.task.cancel()
    await asyncio.gather(*(call.task for call in calls), return_exceptions=True)
