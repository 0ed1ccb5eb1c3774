"""The line's sound into the pipeline, with the edges of speech in it."""

import time
from typing import Any

import structlog
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    StartFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from voice.engines.silero import SileroEar
from voice.gate import OVER_THE_VOICE, QUIET, WINDOW_S, Edge, SpeechGate
from voice.pipeline.ending import Ending
from voice.pipeline.frames import KeyPressedFrame, SilenceBrokenFrame, SilencePausedFrame
from voice.pipeline.playback import Playback
from voice.port import Audio, Digit, EndedBy, HungUp, Line, MarkPlayed
from voice.sound import Samples, to_pcm16, to_samples

log = structlog.get_logger(__name__)
_FAINTEST = 0.002
"""Root mean square below which nothing counts as speech to us: another room's television."""
_SPEAKING, _ATTENTIVE, _AT_EASE = 3, 1, 6
"""Windows that are handed on at once: while somebody speaks, while a silence may end their turn, else. What
is held goes on before each edge, so nobody waits for it."""
_ATTENTIVE_WINDOWS = 48
"""1.5 s after the last speech a turn is over."""


class Microphone(FrameProcessor):
    """Reads the line until it ends."""

    def __init__(self, line: Line, silero: Any, playback: Playback, ending: Ending) -> None:
        super().__init__(name="microphone")
        self._line = line
        self._ear = SileroEar(silero, line.sample_rate_hz)
        self._gate = SpeechGate()
        self._playback = playback
        self._ending = ending
        self._held = bytearray()
        self._to_hand_on = bytearray()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Begin to read with the pipeline; pass all on."""
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame):
            self.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for one in self._line.received():
                if isinstance(one, HungUp):
                    log.info("line.hung_up", reason=one.reason)
                    break
                await self._take(one)
        except Exception:
            log.exception("line.failed")
        self._ending.end(EndedBy.CALLER)

    async def _take(self, one: Audio | Digit | MarkPlayed) -> None:
        match one:
            case Audio(data):
                await self._hear(to_pcm16(data, self._line.encoding))
            case Digit(key):
                await self.push_frame(KeyPressedFrame(key=key))
            case MarkPlayed(name) if name.isdecimal():
                self._playback.played(int(name))
            case _:
                pass

    async def _hear(self, pcm: bytes) -> None:
        self._held += pcm
        size = 2 * self._ear.window
        while len(self._held) >= size:
            window = bytes(self._held[:size])
            del self._held[:size]
            self._to_hand_on += window
            edge = self._edge(to_samples(window))
            if edge is not None or len(self._to_hand_on) >= size * self._windows_at_once:
                await self._hand_on()
            if edge is not None:
                await self.push_frame(self._as_frame(edge))

    @property
    def _windows_at_once(self) -> int:
        # A short frame costs each part of the pipeline, and a vendor's socket, as much as a long one.
        silent = self._gate.silent_windows
        if silent == 0:
            return _SPEAKING
        return _ATTENTIVE if silent < _ATTENTIVE_WINDOWS else _AT_EASE

    async def _hand_on(self) -> None:
        sound = bytes(self._to_hand_on)
        self._to_hand_on.clear()
        await self.push_frame(
            InputAudioRawFrame(audio=sound, sample_rate=self._line.sample_rate_hz, num_channels=1)
        )

    def _edge(self, window: Samples) -> Edge | None:
        self._gate.thresholds = OVER_THE_VOICE if self._playback.busy else QUIET
        faint = float(window @ window) <= len(window) * _FAINTEST**2
        likelihood = self._ear.likelihood(window, faint=faint)
        return self._gate.hear(0.0 if faint else likelihood)

    def _as_frame(self, edge: Edge) -> Frame:
        match edge:
            case Edge.BEGAN:
                seconds = self._gate.thresholds.begin_windows * WINDOW_S
                return VADUserStartedSpeakingFrame(start_secs=seconds, timestamp=time.time())
            case Edge.STOPPED:
                seconds = self._gate.thresholds.stop_windows * WINDOW_S
                return VADUserStoppedSpeakingFrame(stop_secs=seconds, timestamp=time.time())
            case Edge.PAUSED:
                return SilencePausedFrame()
            case Edge.WENT_ON:
                return SilenceBrokenFrame()
