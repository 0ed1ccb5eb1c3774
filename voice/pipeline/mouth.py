"""From sentences to sound on the line, at the pace at which it is played."""

import asyncio
from collections import deque

import structlog
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    Frame,
    InterruptionFrame,
    StartFrame,
    TTSAudioRawFrame,
    TTSStoppedFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from voice.measures import CallObserver
from voice.options import CallOptions
from voice.pipeline.frames import FloorTakenFrame, SayFrame
from voice.pipeline.playback import Playback, Sentence
from voice.pipeline.stopwatch import Stopwatch
from voice.port import Audio, Line
from voice.sound import from_pcm16, resampled, to_bytes, to_samples
from voice.speech import Speech

log = structlog.get_logger(__name__)
_FRAME_S = 0.02
_MARK_S = 2.0
"""So long after its end a sentence counts as heard on a line that has lost the mark."""


class Mouth(FrameProcessor):
    """Speaks by the local engine, or with a vendor's sound and the local engine behind it."""

    def __init__(
        self,
        line: Line,
        speech: Speech,
        playback: Playback,
        stopwatch: Stopwatch,
        options: CallOptions,
        *,
        vendor: str = "",
    ) -> None:
        super().__init__(name="mouth")
        self._line = line
        self._speech = speech
        self._playback = playback
        self._stopwatch = stopwatch
        self._options = options
        self._vendor = vendor
        self.fallbacks: list[str] = []
        self.observer: CallObserver | None = None
        self._asked: deque[Sentence] = deque()
        """Of the vendor, and not wholly there yet."""
        self._to_speak: asyncio.Queue[Sentence] = asyncio.Queue()
        self._sound: asyncio.Queue[tuple[int, bytes | None]] = asyncio.Queue()
        """Frames of 16 bit at the line's rate with their sentence's id; None is a sentence's end."""
        self._loose = b""
        self._audible = False
        self._vendor_watch: asyncio.TimerHandle | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Take what is to be heard; pass the rest on."""
        await super().process_frame(frame, direction)
        match frame:
            case SayFrame():
                self._take(frame)
            case TTSAudioRawFrame():
                self._vendor_sound(frame)
            case TTSStoppedFrame():
                self._vendor_finished()
            case InterruptionFrame():
                await self._stop()
                await self.push_frame(frame, direction)
            case FloorTakenFrame(cut=True) if self.observer:
                self.observer.interrupted(asyncio.get_running_loop().time() - frame.onset_at)
            case StartFrame():
                await self.push_frame(frame, direction)
                for work in (self._speak(), self._play(), self._watch_marks()):
                    self.create_task(work)
            case _:
                await self.push_frame(frame, direction)

    @property
    def uses_vendor(self) -> bool:
        """Whether sentences are to be given to the vendor."""
        return bool(self._vendor)

    def use_local(self) -> None:
        """Do without the vendor from now on; what it owes is spoken by the local engine."""
        if not self._vendor:
            return
        log.warning("speech.vendor_failed", role="tts", vendor=self._vendor)
        self.fallbacks.append(f"tts:{self._vendor}")
        if self.observer:
            self.observer.vendor_failed(f"tts:{self._vendor}")
        self._vendor = ""
        self._watch_vendor(on=False)
        for sentence in self._asked:
            self._to_speak.put_nowait(sentence)
        self._asked.clear()

    def _take(self, frame: SayFrame) -> None:
        if not self._playback.wants(frame.sentence.id):
            return
        if frame.by_vendor and self._vendor:
            self._asked.append(frame.sentence)
            self._watch_vendor(on=True)
        else:
            self._to_speak.put_nowait(frame.sentence)

    def _watch_vendor(self, *, on: bool) -> None:
        if self._vendor_watch is not None:
            self._vendor_watch.cancel()
            self._vendor_watch = None
        if on:
            self._vendor_watch = asyncio.get_running_loop().call_later(self._options.vendor_s, self.use_local)

    def _vendor_sound(self, frame: TTSAudioRawFrame) -> None:
        if not (self._asked and self._vendor):
            return
        self._watch_vendor(on=False)
        sound = resampled(to_samples(frame.audio), frame.sample_rate, self._line.sample_rate_hz)
        self._queue(self._asked[0].id, to_bytes(sound))

    def _vendor_finished(self) -> None:
        if self._asked and self._vendor:
            self._end_of(self._asked.popleft().id)
            self._watch_vendor(on=bool(self._asked))

    async def _speak(self) -> None:
        """Make the sound of sentence after sentence, while earlier ones are still being played."""
        while True:
            sentence = await self._to_speak.get()
            try:
                async for piece in self._speech.speak(sentence.spoken, self._line.sample_rate_hz):
                    if not self._playback.wants(sentence.id):
                        break
                    self._queue(sentence.id, to_bytes(piece))
            except Exception:
                log.exception("mouth.failed")
                self._playback.failed(sentence.id)
            self._end_of(sentence.id)

    def _queue(self, sentence_id: int, pcm: bytes) -> None:
        pcm = self._loose + pcm
        size = int(_FRAME_S * self._line.sample_rate_hz) * 2
        whole = len(pcm) - len(pcm) % size
        for at in range(0, whole, size):
            self._sound.put_nowait((sentence_id, pcm[at : at + size]))
        self._loose = pcm[whole:]

    def _end_of(self, sentence_id: int) -> None:
        if self._loose:
            size = int(_FRAME_S * self._line.sample_rate_hz) * 2
            self._sound.put_nowait((sentence_id, self._loose.ljust(size, b"\0")))
            self._loose = b""
        self._sound.put_nowait((sentence_id, None))

    async def _play(self) -> None:
        while True:
            sentence_id, pcm = await self._sound.get()
            try:
                await self._play_next(sentence_id, pcm)
            except Exception:
                # The line is gone, or soon will be; its end is told by what it receives.
                log.exception("line.failed")

    async def _play_next(self, sentence_id: int, pcm: bytes | None) -> None:
        if pcm is None and self._playback.wants(sentence_id):
            self._playback.completed(sentence_id)
            await self._line.mark(str(sentence_id))
            await self._tell_audible(audible=not (self._sound.empty() and self._to_speak.empty()))
            return
        if (wait_s := self._playback.ahead_s - self._options.lead_s) > 0:
            await asyncio.sleep(wait_s)
        if pcm is None or not self._playback.wants(sentence_id):
            return
        await self._line.send(Audio(from_pcm16(pcm, self._line.encoding)))
        self._playback.sent(sentence_id, _FRAME_S)
        self._stopwatch.sounded(sentence_id)
        await self._tell_audible(audible=True)

    async def _tell_audible(self, *, audible: bool) -> None:
        """Vendors' services, and whatever else watches the pipeline, want to know."""
        if audible != self._audible:
            self._audible = audible
            await self.broadcast_frame(BotStartedSpeakingFrame if audible else BotStoppedSpeakingFrame)

    async def _stop(self) -> None:
        await self._line.clear()
        for queue in (self._to_speak, self._sound):
            while not queue.empty():
                queue.get_nowait()
        self._asked.clear()
        self._loose = b""
        self._watch_vendor(on=False)
        await self._tell_audible(audible=False)

    async def _watch_marks(self) -> None:
        while True:
            await asyncio.sleep(_MARK_S / 2)
            if (overdue := self._playback.overdue(_MARK_S)) is not None:
                self._playback.played(overdue)
