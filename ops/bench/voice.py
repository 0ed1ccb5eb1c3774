"""How long a caller waits, and whether they are understood: real calls in real time over the µ-law band.

Each call is a `FakeLine` that behaves as Twilio's media stream does; the handler behind it takes 50 ms to its
first word, as a quick model does. What the network adds is not in it.
"""

import asyncio
import statistics
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

import msgspec
import psutil

from ops.bench.measuring import Say, percentile
from ops.bench.voice_speakers import INTERRUPTIONS, PHRASES, RECORDINGS, Clip, people, synthetic
from voice.call import CallOptions, hold_call
from voice.measures import TurnTimes, Unobserved
from voice.port import Call, CallRecord, Spoken, Utterance
from voice.settings import VoiceSettings
from voice.speech import Speech, open_speech
from voice.testing import FakeLine, word_errors

BRAIN_S = 0.05
ANSWER = "I have written that down for you."
LONG_ANSWER = "Here is everything that I know about it. " * 8


class Wish(msgspec.Struct, frozen=True):
    """What is measured."""

    rounds: int = 2
    """How often each phrase is said by one caller."""
    at_once: int = 8
    """Callers of the crowd."""
    recordings: str = str(RECORDINGS)


class Spread(msgspec.Struct, frozen=True):
    """In milliseconds."""

    p50_ms: float
    p95_ms: float
    samples: int


class VoiceFigures(msgspec.Struct, frozen=True):
    """What was measured."""

    synthetic: Spread
    people: Spread | None
    crowd: Spread
    crowd_size: int
    crowd_cpu: float
    """Of one core, over all its calls."""
    greeting: Spread
    clear: Spread
    """From the first sound of an interruption until the line is cleared."""
    stages_ms: dict[str, float]
    """Medians of one caller's synthetic turns."""
    synthetic_wer: float
    people_wer: float | None
    split: int
    """Clips that were taken for more than one turn."""
    memory_mb: float


class _Answering:
    """A handler that takes its time and says the same to all."""

    def __init__(self, answer: str = ANSWER) -> None:
        self._answer = answer
        self.heard_words: list[str] = []

    async def greeting(self, call: Call) -> str:
        return "Hello, how can I help?"

    async def answer(self, utterance: Utterance) -> AsyncIterator[str]:
        if utterance.replaces:
            self.heard_words.pop()
        self.heard_words.append(utterance.text)
        await asyncio.sleep(BRAIN_S)
        for word in self._answer.split(" "):
            yield word + " "

    async def heard(self, spoken: Spoken) -> None:
        """Of no interest."""

    async def ended(self, record: CallRecord) -> None:
        """Of no interest."""


class _Watch(Unobserved):
    def __init__(self) -> None:
        self.turns: list[TurnTimes] = []

    def turn_measured(self, times: TurnTimes) -> None:
        self.turns.append(times)


class _Talk:
    """What came of one caller's clips."""

    def __init__(self) -> None:
        self.waits_s: list[float] = []
        self.greeting_s = 0.0
        self.wrong = self.words = self.split = 0


async def run(wish: Wish, say: Say) -> VoiceFigures:
    """Measure; takes some minutes, in real time."""
    phrases, persons = synthetic(PHRASES), people(Path(wish.recordings))
    cuts = synthetic(INTERRUPTIONS)
    async with open_speech(VoiceSettings(_env_file=None)) as speech:  # type: ignore[call-arg]
        await _talk(speech, phrases[:1], _Watch())
        say(f"{len(phrases) * wish.rounds} synthetic turns, one caller")
        watch = _Watch()
        alone = [await _talk(speech, phrases, watch) for _ in range(wish.rounds)]
        say(f"{len(persons)} recordings of people")
        human = await _talk(speech, persons, _Watch()) if persons else None
        say("interruptions")
        cleared = [await _interrupt(speech, clip) for clip in cuts * wish.rounds]
        say(f"{wish.at_once} callers at once")
        crowd, cpu = await _crowd(speech, phrases, wish.at_once)
    return VoiceFigures(
        synthetic=_spread(one for talk in alone for one in talk.waits_s),
        people=_spread(human.waits_s) if human else None,
        crowd=_spread(one for talk in crowd for one in talk.waits_s),
        crowd_size=wish.at_once,
        crowd_cpu=cpu,
        greeting=_spread(talk.greeting_s for talk in [*alone, *crowd]),
        clear=_spread(cleared),
        stages_ms=_stages(watch.turns),
        synthetic_wer=_wer(alone),
        people_wer=_wer([human]) if human else None,
        split=sum(talk.split for talk in [*alone, *([human] if human else [])]),
        memory_mb=psutil.Process().memory_info().rss / 1e6,
    )


async def _talk(speech: Speech, clips: Sequence[Clip], watch: _Watch) -> _Talk:
    """One call in which each clip is said, and each answer listened to."""
    line, handler, found = FakeLine(), _Answering(), _Talk()
    clock = asyncio.get_running_loop().time
    rang_at = clock()
    call = asyncio.create_task(hold_call(line, handler, speech, CallOptions(), watch))
    found.greeting_s = await line.sound(0) - rang_at
    for clip in clips:
        await line.silence(0.7)
        before = len(handler.heard_words)
        spoken_at = await line.say(clip.sound, clip.sample_rate_hz)
        found.waits_s.append(await line.sound(spoken_at) - spoken_at)
        await line.silence(0.3)
        heard = handler.heard_words[before:]
        found.split += len(heard) > 1
        wrong, words = word_errors(clip.words, " ".join(heard))
        found.wrong, found.words = found.wrong + wrong, found.words + words
    line.drop()
    await call
    return found


async def _interrupt(speech: Speech, clip: Clip) -> float:
    """Seconds from the first sound of an interruption until the line is cleared."""
    line = FakeLine()
    clock = asyncio.get_running_loop().time
    call = asyncio.create_task(hold_call(line, _Answering(LONG_ANSWER), speech, CallOptions()))
    await line.silence(0.3)
    line.press("1#")
    await line.sound(clock())
    await asyncio.sleep(1.0)
    began, clears = clock(), len(line.clears)
    await line.say(clip.sound, clip.sample_rate_hz)
    await asyncio.sleep(0.2)
    line.drop()
    await call
    return next((at - began for at in line.clears[clears:]), 9.9)


async def _crowd(speech: Speech, clips: Sequence[Clip], size: int) -> tuple[list[_Talk], float]:
    """So many callers at once, each beginning at another phrase and another moment."""

    async def one(number: int) -> _Talk:
        await asyncio.sleep(number * 0.37)
        at = number % len(clips)
        return await _talk(speech, [*clips[at:], *clips[:at]], _Watch())

    process, clock = psutil.Process(), asyncio.get_running_loop().time
    cpu, began = sum(process.cpu_times()[:2]), clock()
    talks = await asyncio.gather(*(one(number) for number in range(size)))
    return list(talks), (sum(process.cpu_times()[:2]) - cpu) / (clock() - began)


def _stages(turns: Sequence[TurnTimes]) -> dict[str, float]:
    names = ("vad_s", "stt_s", "turn_s", "brain_s", "sentence_s", "tts_s")
    return {
        name.removesuffix("_s"): 1000 * statistics.median(getattr(one, name) for one in turns)
        for name in names
    }


def _wer(talks: Sequence[_Talk]) -> float:
    return sum(one.wrong for one in talks) / max(1, sum(one.words for one in talks))


def _spread(seconds: Iterable[float]) -> Spread:
    values = [1000 * one for one in seconds]
    return Spread(percentile(values, 0.5), percentile(values, 0.95), len(values))
