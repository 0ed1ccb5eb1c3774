"""A telephone for tests and measurements: a line that is spoken into, and that keeps what was heard.

It behaves as Twilio's media stream does: 20 ms of sound each 20 ms, silence too; what is sent is played in
real time behind what was sent before; `clear` drops what is not played yet and echoes its marks at once.
"""

import asyncio
import wave
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from voice.port import Audio, Digit, Encoding, HungUp, MarkPlayed, Received
from voice.scoring import word_errors
from voice.sound import Samples, from_pcm16, resampled, to_bytes, to_pcm16, to_samples

__all__ = ["FRAME_S", "FakeLine", "read_wave", "word_errors", "write_wave"]
FRAME_S = 0.02
_AUDIBLE = 0.01
"""Root mean square of a frame that one hears."""


@dataclass(slots=True)
class _Playing:
    begins_at: float
    data: bytes
    seconds: float


@dataclass(slots=True)
class FakeLine:
    """One call, seen from the caller's side. Times are of the loop's clock."""

    call_id: str = "CA-test"
    encoding: Encoding = Encoding.MULAW
    sample_rate_hz: int = 8_000
    loses_marks: bool = False
    began_at: float = 0.0
    hung_up_at: float | None = None
    clears: list[float] = field(default_factory=list)
    _to_say: deque[bytes] = field(default_factory=deque)
    _events: deque[Received] = field(default_factory=deque)
    _played: list[_Playing] = field(default_factory=list)
    _marks: list[tuple[float, str]] = field(default_factory=list)
    _said_all: asyncio.Event = field(default_factory=asyncio.Event)

    # -- the voice's side -------------------------------------------------------------------

    async def received(self) -> AsyncIterator[Received]:
        """Frames in real time, until one side hangs up."""
        clock = asyncio.get_running_loop().time
        self.began_at = due = clock()
        while self.hung_up_at is None:
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - clock()))
            for event in self._due(clock()):
                yield event
                if isinstance(event, HungUp):
                    return
            yield Audio(self._to_say.popleft() if self._to_say else self._silence())
            if not self._to_say:
                self._said_all.set()

    async def send(self, audio: Audio) -> None:
        """Play it behind what was sent before."""
        seconds = len(audio.data) / (self.sample_rate_hz * self._width)
        self._played.append(_Playing(max(self._now(), self._plays_until), audio.data, seconds))

    async def clear(self) -> None:
        """Drop what is not played yet."""
        now = self._now()
        self.clears.append(now)
        self._played = [one for one in self._played if one.begins_at < now]
        self._marks = [(min(at, now), name) for at, name in self._marks]

    async def mark(self, name: str) -> None:
        """Echo it when all before it has been played."""
        self._marks.append((max(self._now(), self._plays_until), name))

    async def hang_up(self) -> None:
        """The voice ends the call."""
        self.hung_up_at = self.hung_up_at or self._now()

    # -- the caller's side ------------------------------------------------------------------

    async def say(self, speech: Samples, sample_rate_hz: int) -> float:
        """Speak into the line, over the telephone's band; returns when the last sound was sent, and when."""
        data = self._coded(resampled(speech, sample_rate_hz, self.sample_rate_hz))
        size = int(FRAME_S * self.sample_rate_hz) * self._width
        whole = len(data) - len(data) % size
        self._said_all.clear()
        self._to_say += (data[at : at + size] for at in range(0, whole, size))
        await self._said_all.wait()
        return self._now()

    def press(self, keys: str) -> None:
        """Press keys, one after the other."""
        self._events += (Digit(key) for key in keys)

    def drop(self, reason: str = "stop") -> None:
        """The caller hangs up, or the connection is lost."""
        self._events.append(HungUp(reason))

    async def silence(self, for_s: float = 0.6, within_s: float = 30.0) -> None:
        """Wait until the voice has spoken and has been silent for so long.

        Raises:
            TimeoutError: It did not speak, or did not stop.
        """
        async with asyncio.timeout(within_s):
            while not self._played or self._now() < self._plays_until + for_s:  # noqa: ASYNC110
                await asyncio.sleep(FRAME_S)

    async def sound(self, after: float, within_s: float = 30.0) -> float:
        """Wait for the first audible frame that begins after a time; returns when it began.

        Raises:
            TimeoutError: There was none.
        """
        async with asyncio.timeout(within_s):
            while (found := self.first_sound(after)) is None:  # noqa: ASYNC110
                await asyncio.sleep(FRAME_S / 4)
        return found

    def first_sound(self, after: float) -> float | None:
        """When the first audible frame after a time began to play."""
        return next(
            (one.begins_at for one in self._played if one.begins_at >= after and self._audible(one)), None
        )

    def last_sound(self) -> float | None:
        """When the last audible frame that was played ended."""
        audible = (one for one in reversed(self._played) if self._audible(one))
        return next((one.begins_at + one.seconds for one in audible), None)

    def heard(self, after: float = 0.0, *, pauses: bool = True) -> Samples:
        """What the caller heard since a time, at the line's rate.

        Args:
            after: Seconds of the loop's clock.
            pauses: With the gaps between what was sent, as they were heard. Without, a machine that is too
                busy to send in time does not show.
        """
        parts = [one for one in self._played if one.begins_at >= after]
        if not parts:
            return np.zeros(0, dtype=np.float32)
        if not pauses:
            return np.concatenate([to_samples(to_pcm16(one.data, self.encoding)) for one in parts])
        first = parts[0].begins_at
        end = parts[-1].begins_at + parts[-1].seconds - first
        whole = np.zeros(int(end * self.sample_rate_hz) + 1, dtype=np.float32)
        for one in parts:
            sound = to_samples(to_pcm16(one.data, self.encoding))
            at = int((one.begins_at - first) * self.sample_rate_hz)
            whole[at : at + len(sound)] = sound[: len(whole) - at]
        return whole

    # -- inside -----------------------------------------------------------------------------

    @property
    def _width(self) -> int:
        return 1 if self.encoding is Encoding.MULAW else 2

    @property
    def _plays_until(self) -> float:
        return self._played[-1].begins_at + self._played[-1].seconds if self._played else 0.0

    def _due(self, now: float) -> list[Received]:
        events = list(self._events)
        self._events.clear()
        if not self.loses_marks:
            events += (MarkPlayed(name) for at, name in self._marks if at <= now)
        self._marks = [(at, name) for at, name in self._marks if at > now]
        return events

    def _silence(self) -> bytes:
        return self._coded(np.zeros(int(FRAME_S * self.sample_rate_hz), dtype=np.float32))

    def _coded(self, samples: Samples) -> bytes:
        return from_pcm16(to_bytes(samples), self.encoding)

    def _audible(self, one: _Playing) -> bool:
        samples = to_samples(to_pcm16(one.data, self.encoding))
        return bool(len(samples)) and float(np.sqrt(np.mean(samples**2))) > _AUDIBLE

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def read_wave(path: Path) -> tuple[Samples, int]:
    """Samples of a 16 bit wave file, of its first channel, and their rate in Hz."""
    with wave.open(str(path), "rb") as file:
        sound = to_samples(file.readframes(file.getnframes()))
        return sound[:: file.getnchannels()], file.getframerate()


def write_wave(path: Path, sound: Samples, sample_rate_hz: int) -> None:
    """Write 16 bit of one channel."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate_hz)
        file.writeframes(to_bytes(sound))
