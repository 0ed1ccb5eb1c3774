"""A call's tape: both sides where they were heard, and nothing that was not agreed to."""

import asyncio
import io
from collections.abc import AsyncIterator

import av
import numpy as np
import pytest

from voice.port import Audio, Digit, Encoding, Line, Received
from voice.recording import Recorded, RecordedLine, Tape
from voice.sound import Samples, from_pcm16, to_bytes
from voice.testing import FakeLine

RATE = 8_000
FRAME = RATE // 50


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def tone(hz: float, seconds: float) -> Samples:
    return (0.4 * np.sin(2 * np.pi * hz * np.arange(int(RATE * seconds)) / RATE)).astype(np.float32)


def mulaw(sound: Samples) -> bytes:
    return from_pcm16(to_bytes(sound), Encoding.MULAW)


SILENT = mulaw(np.zeros(FRAME, dtype=np.float32))


class Taped:
    """A tape on which time passes as a line's frames come."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.tape = Tape(RATE, Encoding.MULAW, self.clock)

    def passes(self, seconds: float, caller: float = 0.0) -> None:
        """Time; with a caller who sings this note."""
        sound = mulaw(tone(caller, seconds)) if caller else SILENT * round(seconds * 50)
        for at in range(0, len(sound), FRAME):
            self.clock.now += 0.02
            self.tape.caller_said(sound[at : at + FRAME])

    def played(self) -> tuple[Samples, Samples]:
        """The caller's side and the voice's, at 48 kHz."""
        recorded = self.tape.finished()
        assert recorded is not None
        return sides(recorded)


def sides(recorded: Recorded) -> tuple[Samples, Samples]:
    with av.open(io.BytesIO(recorded.data), "r") as container:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48_000)
        parts = [one.to_ndarray() for frame in container.decode(audio=0) for one in resampler.resample(frame)]
    whole = np.concatenate(parts, axis=1)
    return whole[0], whole[1]


def loud(side: Samples) -> list[tuple[float, float]]:
    """From when until when something is heard, in seconds to a tenth."""
    steps = side[: len(side) // 4_800 * 4_800].reshape(-1, 4_800)
    heard = np.flatnonzero(np.sqrt((steps**2).mean(axis=1)) > 0.05)
    if not len(heard):
        return []
    gaps = np.flatnonzero(np.diff(heard) > 1)
    begins, ends = heard[np.r_[0, gaps + 1]], heard[np.r_[gaps, len(heard) - 1]]
    return [(first / 10, (last + 1) / 10) for first, last in zip(begins, ends, strict=True)]


def test_both_sides_lie_where_they_were_heard() -> None:
    taped = Taped()
    taped.tape.begin()
    taped.passes(1.0, caller=440)
    for _ in range(10):
        taped.tape.voice_said(mulaw(tone(330, 0.1)))
        taped.passes(0.1)
    taped.passes(1.0)
    caller, voice = taped.played()
    assert loud(caller) == [pytest.approx((0.0, 1.0), abs=0.11)]
    assert loud(voice) == [pytest.approx((1.0, 2.0), abs=0.11)]
    assert len(caller) / 48_000 == pytest.approx(3.0, abs=0.05)


def test_what_was_cut_off_before_it_was_played_is_not_on_it() -> None:
    taped = Taped()
    taped.tape.begin()
    taped.tape.voice_said(mulaw(tone(330, 0.8)))
    taped.passes(0.3)
    taped.tape.voice_was_cut()
    taped.passes(2.0)
    _, voice = taped.played()
    assert loud(voice) == [pytest.approx((0.0, 0.3), abs=0.11)]


def test_nothing_before_the_begin_and_nothing_while_it_is_stopped() -> None:
    taped = Taped()
    taped.passes(2.0, caller=440)
    taped.tape.voice_said(mulaw(tone(330, 0.5)))
    assert taped.tape.finished() is None
    taped.tape.begin()
    taped.passes(1.0)
    taped.tape.stop()
    taped.passes(3.0, caller=440)
    taped.tape.begin()
    taped.passes(1.0, caller=440)
    caller, voice = taped.played()
    assert loud(caller) == [pytest.approx((1.0, 2.0), abs=0.11)]
    assert loud(voice) == []
    assert taped.tape.finished() is None


def test_what_is_erased_is_gone() -> None:
    taped = Taped()
    taped.tape.begin()
    taped.passes(2.0, caller=440)
    taped.tape.erase()
    assert taped.tape.finished() is None


def test_no_tone_of_a_key_is_on_it() -> None:
    taped = Taped()
    taped.tape.begin()
    taped.passes(1.0)
    taped.passes(0.1, caller=770)
    taped.tape.key_pressed()
    taped.passes(0.1, caller=770)
    taped.passes(1.0)
    caller, _ = taped.played()
    assert float(np.abs(caller).max()) < 0.05


def test_frames_that_never_came_shift_what_follows_by_a_second_at_most() -> None:
    taped = Taped()
    taped.tape.begin()
    taped.passes(0.5)
    taped.clock.now += 3.0
    taped.passes(2.0)
    taped.passes(1.0, caller=440)
    caller, _ = taped.played()
    assert 4.4 < loud(caller)[0][0] < 5.7


class Broken(Tape):
    def caller_said(self, data: bytes) -> None:
        raise OSError("no room")


async def test_a_call_outlives_a_tape_that_cannot_be_written() -> None:
    line = FakeLine()
    tape = Broken(RATE, Encoding.MULAW)
    recorded: Line = RecordedLine(line, tape)
    tape.begin()
    line.press("5")

    async def first() -> AsyncIterator[Received]:
        async for one in recorded.received():
            yield one

    async with asyncio.timeout(5):
        came = [one async for one in _some(first(), 3)]
    assert any(isinstance(one, Audio) for one in came)
    assert Digit("5") in came
    assert (tape.running, tape.broken) == (False, True)


async def _some(received: AsyncIterator[Received], number: int) -> AsyncIterator[Received]:
    for _ in range(number):
        yield await anext(received)
