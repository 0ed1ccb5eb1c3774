"""A call's recording: both sides on one tape, the caller left and the voice right.

The tape takes nothing before `begin` and nothing after `stop`, and lies in memory alone until somebody asks
for it: what was not agreed to was never kept anywhere.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

import structlog

from voice.opus import OpusFile
from voice.port import Audio, Digit, Encoding, Line, Received
from voice.sound import to_pcm16

MEDIA_TYPE = "audio/ogg"
_SETTLED_S = 1.0
"""What is older is written for good: the voice is sent less far ahead, and the network is less late. Where
frames were lost, the caller's side is early by no more than this."""
_CHUNK_S = 0.24
"""Written at once: twelve frames of the codec."""
_KEY_S = 0.3
"""Before and after a key; its tone tells which one it was, and a PIN is made of them."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A finished recording."""

    data: bytes
    """OGG/Opus of two channels."""
    duration_s: float


class Tape:
    """One call's. All methods belong to one event loop."""

    def __init__(
        self, sample_rate_hz: int, encoding: Encoding, clock: Callable[[], float] | None = None
    ) -> None:
        """Blank.

        Args:
            sample_rate_hz: Of the line.
            encoding: Of the line.
            clock: Seconds, monotonic; the loop's if left out.
        """
        self._rate = sample_rate_hz
        self._encoding = encoding
        self._clock = clock or asyncio.get_running_loop().time
        self._file: OpusFile | None = None
        self._began_at = 0.0
        """When it would have begun, had it never been stopped."""
        self._written = 0
        self._caller = bytearray()
        self._voice = bytearray()
        self._keys_until = 0.0
        self.running = False
        self.broken = False

    def begin(self) -> None:
        """Take from now on; behind what there is already. `broken` says that it cannot be written."""
        if self.running or self.broken:
            return
        try:
            self._file = self._file or OpusFile(self._rate, channels=2)
        except Exception:
            log.exception("recording.failed")
            self.fail()
            return
        self._began_at = self._clock() - self._written / self._rate
        self.running = True

    def stop(self) -> None:
        """Take no more."""
        if self.running:
            self._write_up_to(self._now)
            self._let_go()

    def erase(self) -> None:
        """Take no more, and drop what there is."""
        self._file, self._written = None, 0
        self._let_go()

    def fail(self) -> None:
        """It cannot be written."""
        self.erase()
        self.broken = True

    def finished(self) -> Recorded | None:
        """What was recorded, once; None for nothing."""
        self.stop()
        if self._file is None or not self._written:
            return None
        recorded = Recorded(self._file.finished(), self._written / self._rate)
        self.erase()
        return recorded

    def caller_said(self, data: bytes) -> None:
        """Sound that came, in the line's encoding."""
        if not self.running:
            return
        ahead = self._written + len(self._caller) // 2 - self._now
        if ahead < self._rate * _SETTLED_S:
            pcm = to_pcm16(data, self._encoding)
            self._caller += bytes(len(pcm)) if self._clock() < self._keys_until else pcm
        self._write_what_is_settled()

    def voice_said(self, data: bytes) -> None:
        """Sound that was sent; it is played behind what was sent before."""
        if not self.running:
            return
        _pad(self._voice, self._now - self._written)
        self._voice += to_pcm16(data, self._encoding)
        self._write_what_is_settled()

    def voice_was_cut(self) -> None:
        """What is not played yet will not be."""
        if self.running:
            del self._voice[max(0, self._now - self._written) * 2 :]

    def key_pressed(self) -> None:
        """No tone of it is kept."""
        if not self.running:
            return
        self._keys_until = self._clock() + _KEY_S
        since = max(0, self._now - int(_KEY_S * self._rate) - self._written) * 2
        self._caller[since:] = bytes(len(self._caller[since:]))

    def _let_go(self) -> None:
        self.running = False
        self._caller.clear()
        self._voice.clear()

    @property
    def _now(self) -> int:
        """Where on the tape this moment is, in samples."""
        return int((self._clock() - self._began_at) * self._rate)

    def _write_what_is_settled(self) -> None:
        settled = self._now - int(_SETTLED_S * self._rate)
        if settled - self._written >= int(_CHUNK_S * self._rate):
            self._write_up_to(settled)

    def _write_up_to(self, until: int) -> None:
        import numpy as np

        samples = until - self._written
        if samples <= 0 or self._file is None:
            return
        sides = []
        for track in (self._caller, self._voice):
            _pad(track, samples)
            sides.append(np.frombuffer(bytes(track[: samples * 2]), dtype="<i2"))
            del track[: samples * 2]
        self._file.write(np.stack(sides, axis=1).tobytes())
        self._written = until


class RecordedLine:
    """A line whose sound passes a tape on its way."""

    def __init__(self, line: Line, tape: Tape) -> None:
        self._line = line
        self._tape = tape

    @property
    def call_id(self) -> str:
        return self._line.call_id

    @property
    def encoding(self) -> Encoding:
        return self._line.encoding

    @property
    def sample_rate_hz(self) -> int:
        return self._line.sample_rate_hz

    async def received(self) -> AsyncIterator[Received]:
        async for one in self._line.received():
            match one:
                case Audio(data):
                    self._keep(partial(self._tape.caller_said, data))
                case Digit():
                    self._keep(self._tape.key_pressed)
                case _:
                    pass
            yield one

    async def send(self, audio: Audio) -> None:
        self._keep(partial(self._tape.voice_said, audio.data))
        await self._line.send(audio)

    async def clear(self) -> None:
        await self._line.clear()
        self._keep(self._tape.voice_was_cut)

    async def mark(self, name: str) -> None:
        await self._line.mark(name)

    async def hang_up(self) -> None:
        await self._line.hang_up()

    def _keep(self, onto_tape: Callable[[], None]) -> None:
        """A call outlives its recording."""
        try:
            onto_tape()
        except Exception:
            log.exception("recording.failed", call_id=self.call_id)
            self._tape.fail()


def _pad(track: bytearray, samples: int) -> None:
    """Silence up to so many samples."""
    track += bytes(max(0, samples * 2 - len(track)))
