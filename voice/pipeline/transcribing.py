"""What was said in a turn: by a vendor with the local engine behind it, or by the local engine."""

import asyncio
from dataclasses import dataclass, field

import structlog

from voice.measures import CallObserver
from voice.options import CallOptions
from voice.sound import to_samples
from voice.speech import Speech

log = structlog.get_logger(__name__)
_SETTLE_AFTER_S = 5.0
"""What was said before a pause so late in a turn is not transcribed again with what follows."""
_WHOLE_S = 12.0
"""Sound that is worth hearing anew when the caller goes on; some 300 ms of one core."""
_VENDOR_STRIKES = 2
_LAST_WORDS_S = 0.4
"""How long a vendor that has given words already is waited for to give the last of them."""


@dataclass(slots=True)
class Turn:
    """What the caller is saying. Times of the loop's clock; sound is 16 bit at the line's rate."""

    began_at: float
    sound: bytearray
    settled: str = ""
    settled_bytes: int = 0
    text: str = ""
    whole: str = ""
    """The words together with those that it goes on with, if it does."""
    last_sound_at: float = 0.0
    silence_known_at: float = 0.0
    text_known_at: float = 0.0
    over: bool = False
    """It is ended, whatever comes."""
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    by_vendor: list[str] = field(default_factory=list)
    vendor_spoke: asyncio.Event = field(default_factory=asyncio.Event)


class Transcriber:
    """One call's."""

    def __init__(self, speech: Speech, sample_rate_hz: int, options: CallOptions, *, vendor: str) -> None:
        self._speech = speech
        self._rate = sample_rate_hz
        self._options = options
        self._strikes = 0
        self.vendor = vendor
        """Empty: the local engine listens."""
        self.fallbacks: list[str] = []
        self.hints: tuple[str, ...] = ()
        """Phrases that the caller is likely to say. Vendors are not told."""
        self.observer: CallObserver | None = None

    def use_local(self) -> None:
        """Do without the vendor from now on."""
        if not self.vendor:
            return
        log.warning("speech.vendor_failed", role="stt", vendor=self.vendor)
        self.fallbacks.append(f"stt:{self.vendor}")
        if self.observer:
            self.observer.vendor_failed(f"stt:{self.vendor}")
        self.vendor = ""

    def vendor_said(self, turn: Turn, text: str) -> None:
        """Take in a transcript."""
        if self.vendor and text.strip():
            turn.by_vendor.append(text.strip())
            turn.vendor_spoke.set()

    async def understand(self, turn: Turn, before: bytes) -> None:
        """Find the turn's words.

        Args:
            turn: Its texts are written.
            before: The sound that the turn goes on with; empty if there is none. A pause at a comma takes
                words out of their context, so all of it is heard anew, beside the turn itself.
        """
        text, turn.whole = await asyncio.gather(self._text_of(turn), self._whole(turn, before))
        turn.text = f"{turn.settled} {text}".strip()

    async def finished(self, turn: Turn) -> float:
        """The likelihood that this was all, from 0 to 1."""
        return 1.0 if turn.over else await self._speech.finished(to_samples(bytes(turn.sound)), self._rate)

    def settle(self, turn: Turn) -> None:
        """Of a long turn, keep what was understood up to a pause: only what follows is transcribed anew."""
        unsettled = len(turn.sound) - turn.settled_bytes
        if not self.vendor and unsettled > 2 * self._rate * _SETTLE_AFTER_S:
            turn.settled, turn.settled_bytes = turn.text, len(turn.sound)

    async def _whole(self, turn: Turn, before: bytes) -> str:
        if not before or self.vendor or len(before) + len(turn.sound) > 2 * self._rate * _WHOLE_S:
            return ""
        return await self._local_text(before + turn.sound)

    async def _text_of(self, turn: Turn) -> str:
        """What was said since the last settled pause."""
        if self.vendor:
            text = await self._vendor_text(turn)
            if text or self.vendor:
                return text
        return await self._local_text(turn.sound[turn.settled_bytes :])

    async def _local_text(self, sound: bytearray | bytes) -> str:
        return await self._speech.transcribe(to_samples(bytes(sound)), self._rate, self.hints)

    async def _vendor_text(self, turn: Turn) -> str:
        """The vendor's words; the local engine's where the vendor keeps silent about what was speech."""
        if not await self._vendor_heard(turn) and self.vendor:
            local = await self._local_text(turn.sound)
            self._strikes += bool(local)
            if self._strikes >= _VENDOR_STRIKES:
                self.use_local()
            return local
        self._strikes = 0
        # When it failed while we waited, it may owe us words: all of it is transcribed here.
        return " ".join(turn.by_vendor) if self.vendor else ""

    async def _vendor_heard(self, turn: Turn) -> bool:
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


def as_ended(text: str) -> str:
    """With a full stop at its end where the engine, which was asked early in the silence, put a comma."""
    return f"{text[:-1]}." if text.endswith(",") else text
