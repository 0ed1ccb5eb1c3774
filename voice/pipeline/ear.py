"""From sound to utterances: what was said, and whether the caller has finished."""

import asyncio
from dataclasses import dataclass, field

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
from voice.measures import CallObserver
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
from voice.port import UtteranceKind
from voice.sound import Samples, to_samples
from voice.speech import Speech

log = structlog.get_logger(__name__)
_BEFORE_S = 0.6
"""Sound kept from before speech was noticed: the engine hears the first word better with it."""
_SETTLE_AFTER_S = 5.0
"""What was said before a pause so late in a turn is not transcribed again with what follows."""
_LONGEST_S = 60.0
"""A turn; a television in the background has no end of its own."""
_FIRST_LOOK_S = 0.25
"""Of silence, until the turn model is asked again: with the 0.1 s that it heard of it at first it doubts some
sentences of which it is sure a moment later."""
_LOOK_EVERY_S = 0.2
_VENDOR_STRIKES = 2
_LAST_WORDS_S = 0.4
"""How long a vendor that has given words already is waited for to give the last of them."""


@dataclass(slots=True)
class _Turn:
    """What the caller is saying. Times of the loop's clock."""

    began_at: float
    sound: bytearray
    settled: str = ""
    settled_bytes: int = 0
    text: str = ""
    last_sound_at: float = 0.0
    silence_known_at: float = 0.0
    text_known_at: float = 0.0
    over: bool = False
    """It is ended, whatever comes."""
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    by_vendor: list[str] = field(default_factory=list)
    vendor_spoke: asyncio.Event = field(default_factory=asyncio.Event)


class Ear(FrameProcessor):
    """Listens with the local engine, or to a vendor's transcripts with the local engine behind it."""

    def __init__(
        self,
        speech: Speech,
        sample_rate_hz: int,
        playback: Playback,
        options: CallOptions,
        *,
        vendor: str = "",
    ) -> None:
        super().__init__(name="ear")
        self._speech = speech
        self._rate = sample_rate_hz
        self._playback = playback
        self._options = options
        self._vendor = vendor
        self._strikes = 0
        self.fallbacks: list[str] = []
        self.observer: CallObserver | None = None
        self._before = bytearray()
        self._turn: _Turn | None = None
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
        if self._vendor:
            log.warning("speech.vendor_failed", role="stt", vendor=self._vendor)
            self.fallbacks.append(f"stt:{self._vendor}")
            if self.observer:
                self.observer.vendor_failed(f"stt:{self._vendor}")
            self._vendor = ""
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
        self._turn = _Turn(onset_at, bytearray(self._before))
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

    def _end(self, turn: _Turn) -> None:
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

    async def _settle(self, turn: _Turn) -> None:
        """Find out what was said and whether that was all; is cancelled when the caller goes on."""
        try:
            text, finished = await asyncio.gather(self._text_of(turn), self._finished(turn))
        except Exception:
            log.exception("ear.failed")
            await turn.stopped.wait()
            self._turn = self._settling = None
            await self.push_frame(FloorReturnedFrame(deaf=True))
            return
        turn.text = f"{turn.settled} {text}".strip()
        turn.text_known_at = self._now()
        await turn.stopped.wait()
        self._maybe_keep(turn)
        if turn.text:
            await self._be_patient(turn, finished)
        await self._give_back(turn)

    async def _be_patient(self, turn: _Turn, finished: float) -> None:
        """Wait until the silence has lasted as long as what was said deserves."""
        look_s = _FIRST_LOOK_S
        while not turn.over:
            need_s = silence_needed_s(finished, turn.text, self._options.patience)
            if need_s - look_s < _LOOK_EVERY_S:
                await self._silent_for(turn, need_s)
                return
            await self._silent_for(turn, look_s)
            # The silence itself is a part of what the model judges.
            finished = max(finished, await self._finished(turn))
            look_s += _LOOK_EVERY_S

    async def _silent_for(self, turn: _Turn, seconds: float) -> None:
        await asyncio.sleep(max(0.0, turn.last_sound_at + seconds - self._now()))

    def _maybe_keep(self, turn: _Turn) -> None:
        """Of a long turn, keep what was understood up to a pause: only what follows is transcribed anew."""
        unsettled = len(turn.sound) - turn.settled_bytes
        if not self._vendor and unsettled > 2 * self._rate * _SETTLE_AFTER_S:
            turn.settled, turn.settled_bytes = turn.text, len(turn.sound)

    async def _give_back(self, turn: _Turn) -> None:
        self._turn = self._settling = None
        if self._vendor and turn.by_vendor:
            turn.text = " ".join(turn.by_vendor)  # more may have come while the silence was waited for
        if not turn.text:
            await self.push_frame(FloorReturnedFrame())
            return
        await self.push_frame(
            UtteranceFrame(
                kind=UtteranceKind.SPEECH,
                text=turn.text,
                began_at=turn.began_at,
                last_sound_at=turn.last_sound_at,
                silence_known_at=turn.silence_known_at,
                text_known_at=turn.text_known_at,
                decided_at=self._now(),
            )
        )

    async def _finished(self, turn: _Turn) -> float:
        return 1.0 if turn.over else await self._speech.finished(_samples(turn.sound, 0), self._rate)

    async def _text_of(self, turn: _Turn) -> str:
        """What was said since the last settled pause."""
        if self._vendor:
            text = await self._vendor_text(turn)
            if text or self._vendor:
                return text
        return await self._speech.transcribe(_samples(turn.sound, turn.settled_bytes), self._rate)

    async def _vendor_text(self, turn: _Turn) -> str:
        """The vendor's words; the local engine's where the vendor keeps silent about what was speech."""
        if not await self._vendor_heard(turn) and self._vendor:
            local = await self._speech.transcribe(_samples(turn.sound, 0), self._rate)
            self._strikes += bool(local)
            if self._strikes >= _VENDOR_STRIKES:
                self.use_local()
            return local
        self._strikes = 0
        # When it failed while we waited, it may owe us words: all of it is transcribed here.
        return " ".join(turn.by_vendor) if self._vendor else ""

    async def _vendor_heard(self, turn: _Turn) -> bool:
        """Wait for the vendor; whether it gave any words of this turn.

        Vendors end their segments where they like: what came before the pause may lack the last words, and
        those come soon after the silence was known, if there are any.
        """
        turn.vendor_spoke.clear()
        patience_s = self._options.vendor_s
        if turn.by_vendor:
            await turn.stopped.wait()
            patience_s = min(patience_s, _LAST_WORDS_S)
        try:
            async with asyncio.timeout(patience_s):
                await turn.vendor_spoke.wait()
        except TimeoutError:
            return bool(turn.by_vendor)
        return True

    def _vendor_said(self, text: str) -> None:
        if self._turn is not None and self._vendor and text.strip():
            self._turn.by_vendor.append(text.strip())
            self._turn.vendor_spoke.set()

    async def _keys_typed(self, keys: str) -> None:
        now = self._now()
        if self._turn is not None:
            self._went_on()
            self._turn = None
        if not keys:
            await self.push_frame(FloorReturnedFrame())
            return
        times = {"began_at": now, "last_sound_at": now, "silence_known_at": now, "text_known_at": now}
        await self.push_frame(UtteranceFrame(kind=UtteranceKind.KEYS, text=keys, decided_at=now, **times))


def _samples(sound: bytearray, from_byte: int) -> Samples:
    return to_samples(bytes(sound[from_byte:]))
