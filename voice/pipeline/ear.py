"""From sound to utterances: what was said, and whether the caller has finished."""

import asyncio
from collections.abc import Callable

import structlog
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from voice.endpointing import silence_needed_s
from voice.gate import QUIET, WINDOW_S
from voice.options import CallOptions
from voice.pipeline.frames import (
    FloorReturnedFrame,
    FloorTakenFrame,
    KeyPressedFrame,
    SilenceBrokenFrame,
    SilencePausedFrame,
    UtteranceFrame,
)
from voice.pipeline.keypad import Keypad
from voice.pipeline.playback import Playback
from voice.pipeline.transcribing import Transcriber, Turn, as_ended
from voice.port import UtteranceKind

log = structlog.get_logger(__name__)
_BEFORE_S = 0.6
"""Sound kept from before speech was noticed: the engine hears the first word better with it."""
_LONGEST_S = 60.0
"""A turn; a television in the background has no end of its own."""
_FIRST_LOOK_S = 0.25
"""Of silence, until the turn model is asked again: with the 0.1 s that it heard of it at first it doubts some
sentences of which it is sure a moment later."""
_LOOK_EVERY_S = 0.2


class Ear(FrameProcessor):
    """Listens with the local engine, or to a vendor's transcripts with the local engine behind it."""

    def __init__(
        self, transcriber: Transcriber, sample_rate_hz: int, playback: Playback, options: CallOptions
    ) -> None:
        super().__init__(name="ear")
        self._transcriber = transcriber
        self._rate = sample_rate_hz
        self._playback = playback
        self._options = options
        self.goes_on_with: Callable[[float], bytes] = lambda _: b""
        """Asked when speech began, gives the sound of what the caller said before and now goes on with."""
        self._before = bytearray()
        self._turn: Turn | None = None
        self._settling: asyncio.Task[None] | None = None
        self._keys = Keypad(options.keys_pause_s, self._keys_typed)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Take what concerns hearing; pass the rest on."""
        await super().process_frame(frame, direction)
        match frame:
            case InputAudioRawFrame():
                self._listen(frame.audio)
            case VADUserStartedSpeakingFrame():
                await self._began(frame.start_secs)
            case SilencePausedFrame():
                self._paused()
            case SilenceBrokenFrame():
                self._went_on()
            case VADUserStoppedSpeakingFrame():
                self._stopped(frame.stop_secs)
            case TranscriptionFrame():
                self._vendor_said(frame.text)
            case KeyPressedFrame():
                await self._interrupt(self._now())
                self._keys.press(frame.key)
            case _:
                await self.push_frame(frame, direction)

    async def cleanup(self) -> None:
        """Let go of what is under way."""
        self._keys.forget()
        await super().cleanup()  # type: ignore[no-untyped-call]

    def use_local(self) -> None:
        """Do without the vendor from now on."""
        self._transcriber.use_local()
        if self._turn:
            self._turn.vendor_spoke.set()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _listen(self, pcm: bytes) -> None:
        if self._turn is not None:
            self._turn.sound += pcm
            if len(self._turn.sound) > 2 * self._rate * _LONGEST_S:
                self._end(self._turn)
            return
        self._before += pcm
        del self._before[: -int(_BEFORE_S * self._rate) * 2]

    async def _began(self, noticed_after_s: float) -> None:
        onset_at = self._now() - noticed_after_s
        if self._turn is not None:
            self._went_on()
            return
        if self._playback.final:
            return
        self._turn = Turn(onset_at, bytearray(self._before))
        self._before.clear()
        await self._interrupt(onset_at)

    async def _interrupt(self, onset_at: float) -> None:
        """The caller has the floor; what is being said stops at once, for good or for a moment."""
        if self._playback.final:
            return
        cut = self._playback.busy
        if cut:
            self._playback.cut()
            await self.broadcast_interruption()  # type: ignore[no-untyped-call]
        await self.push_frame(FloorTakenFrame(onset_at=onset_at, cut=cut))

    def _paused(self) -> None:
        if self._turn is not None and self._settling is None:
            self._turn.last_sound_at = self._now() - QUIET.pause_windows * WINDOW_S
            self._turn.stopped.clear()
            self._settling = self.create_task(self._settle(self._turn))

    def _end(self, turn: Turn) -> None:
        if not turn.over:
            self._went_on()
            turn.over = True
            turn.last_sound_at = turn.silence_known_at = self._now()
            turn.stopped.set()
            self._settling = self.create_task(self._settle(turn))

    def _went_on(self) -> None:
        if self._settling is not None and not (self._turn and self._turn.over):
            self._settling.cancel()
            self._settling = None

    def _stopped(self, silent_s: float) -> None:
        if self._turn is not None:
            self._turn.last_sound_at = self._now() - silent_s
            self._turn.silence_known_at = self._now()
            self._turn.stopped.set()

    async def _settle(self, turn: Turn) -> None:
        """Find out what was said and whether that was all; is cancelled when the caller goes on."""
        try:
            before = self.goes_on_with(turn.began_at)
            _, finished = await asyncio.gather(
                self._transcriber.understand(turn, before), self._transcriber.finished(turn)
            )
        except Exception:
            log.exception("ear.failed")
            await turn.stopped.wait()
            self._turn = self._settling = None
            await self.push_frame(FloorReturnedFrame(deaf=True))
            return
        turn.text_known_at = self._now()
        await turn.stopped.wait()
        self._transcriber.settle(turn)
        if turn.text:
            await self._be_patient(turn, finished)
        await self._give_back(turn)

    async def _be_patient(self, turn: Turn, finished: float) -> None:
        """Wait until the silence has lasted as long as what was said deserves."""
        look_s = _FIRST_LOOK_S
        while not turn.over:
            need_s = silence_needed_s(finished, turn.whole or turn.text, self._options.patience)
            if need_s - look_s < _LOOK_EVERY_S:
                await self._silent_for(turn, need_s)
                return
            await self._silent_for(turn, look_s)
            # The silence itself is a part of what the model judges.
            finished = max(finished, await self._transcriber.finished(turn))
            look_s += _LOOK_EVERY_S

    async def _silent_for(self, turn: Turn, seconds: float) -> None:
        await asyncio.sleep(max(0.0, turn.last_sound_at + seconds - self._now()))

    async def _give_back(self, turn: Turn) -> None:
        self._turn = self._settling = None
        if self._transcriber.vendor and turn.by_vendor:
            turn.text = " ".join(turn.by_vendor)  # more may have come while the silence was waited for
        if not turn.text:
            await self.push_frame(FloorReturnedFrame())
            return
        await self.push_frame(
            UtteranceFrame(
                kind=UtteranceKind.SPEECH,
                text=as_ended(turn.text),
                whole=as_ended(turn.whole),
                sound=bytes(turn.sound),
                began_at=turn.began_at,
                last_sound_at=turn.last_sound_at,
                silence_known_at=turn.silence_known_at,
                text_known_at=turn.text_known_at,
                decided_at=self._now(),
            )
        )

    def _vendor_said(self, text: str) -> None:
        if self._turn is not None:
            self._transcriber.vendor_said(self._turn, text)

    async def _keys_typed(self, keys: str) -> None:
        now = self._now()
        if self._turn is not None:
            self._went_on()
            self._turn = None
        if not keys:
            await self.push_frame(FloorReturnedFrame())
            return
        await self.push_frame(
            UtteranceFrame(
                kind=UtteranceKind.KEYS,
                text=keys,
                began_at=now,
                last_sound_at=now,
                silence_known_at=now,
                text_known_at=now,
                decided_at=now,
            )
        )
