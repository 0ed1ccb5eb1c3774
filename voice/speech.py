"""What all calls of a process share: the models, loaded once, off the event loop, and warm."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from voice.errors import SpeechUnavailable
from voice.settings import VoiceSettings

if TYPE_CHECKING:
    from voice.engines.hibari import HibariVoice
    from voice.engines.moonshine import Moonshine
    from voice.engines.smart_turn import SmartTurn
    from voice.sound import Samples

T = TypeVar("T")
log = structlog.get_logger(__name__)
_MODEL_RATE_HZ = 16_000
LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Speech:
    """Engines for any number of calls at once. Made by `open_speech`."""

    settings: VoiceSettings
    silero: Any
    turns: "SmartTurn"
    ears: "Moonshine | None"
    """None where it cannot run; then a vendor is set, and has no understudy."""
    voice: "HibariVoice | None"
    http_client: Any = None
    """Connections to vendors that are asked over HTTP, shared by all calls, if one is set."""

    async def transcribe(self, speech: "Samples", sample_rate_hz: int, hints: tuple[str, ...] = ()) -> str:
        """The words, by the local engine.

        Args:
            speech: Up to a minute.
            sample_rate_hz: Its rate.
            hints: Names, titles: what sounds like one of their words is heard as one.

        Raises:
            SpeechUnavailable: There is none here.
            EngineFailed: It broke.
        """
        if self.ears is None:
            raise SpeechUnavailable("There is no local speech recognition on this machine.")
        from voice.sound import resampled

        ears, given_up = self.ears, threading.Event()

        def words() -> str:
            return ears.transcribe(resampled(speech, sample_rate_hz, _MODEL_RATE_HZ), given_up, hints)

        try:
            return await _in(ears.pool, words)
        finally:
            # Who goes on speaking cancels this; the thread would go on as well, and others wait for it.
            given_up.set()

    async def finished(self, turn: "Samples", sample_rate_hz: int) -> float:
        """The likelihood that the speaker has finished, from 0 to 1."""
        from voice.sound import resampled

        heard = turn[-8 * sample_rate_hz :]
        return await _in(
            self.turns.pool, lambda: self.turns.finished(resampled(heard, sample_rate_hz, _MODEL_RATE_HZ))
        )

    async def speak(self, text: str, sample_rate_hz: int) -> AsyncIterator["Samples"]:
        """Sound by the local engine, in pieces as they are ready.

        Raises:
            SpeechUnavailable: There is none here.
            EngineFailed: It broke over this text.
        """
        if self.voice is None:
            raise SpeechUnavailable("There is no local voice on this machine.")
        voice = self.voice
        pieces = voice.speech(text, sample_rate_hz)
        while (piece := await _in(voice.pool, lambda: next(pieces, None))) is not None:
            yield piece


@asynccontextmanager
async def open_speech(settings: VoiceSettings) -> AsyncIterator[Speech]:
    """Load and warm the engines, in threads: one to three seconds, some 300 MB.

    Raises:
        SpeechUnavailable: A setting names no vendor, or `local` cannot run here; says what to do.
    """
    speech = await asyncio.to_thread(_loaded, settings)
    log.info("speech.ready", stt=settings.stt, tts=settings.tts, understudy=speech.ears is not None)
    try:
        yield speech
    finally:
        for engine in (speech.ears, speech.voice, speech.turns):
            if engine is not None:
                engine.close()
        if speech.http_client is not None:
            await speech.http_client.aclose()


def _loaded(settings: VoiceSettings) -> Speech:
    quiet_pipecat()
    from voice.engines.hibari import HibariVoice
    from voice.engines.moonshine import Moonshine
    from voice.engines.silero import load_silero
    from voice.engines.smart_turn import SmartTurn
    from voice.pipeline import assembled
    from voice.vendors import check, open_http_client

    log.debug("speech.imported", pipeline=assembled.__name__)
    check(settings)
    ears = _if_possible(lambda: Moonshine(settings.stt_workers), needed=settings.stt == LOCAL)
    voice = _if_possible(HibariVoice, needed=settings.tts == LOCAL)
    for engine in (ears, voice):
        if engine is not None:
            engine.warm_up()
    return Speech(settings, load_silero(), SmartTurn(), ears, voice, open_http_client(settings))


def quiet_pipecat() -> None:
    """pipecat writes what was said to standard error; our own log tells what matters, without it."""
    from loguru import logger

    logger.disable("pipecat")
    logging.getLogger("numba").setLevel(logging.WARNING)


def _if_possible(build: Callable[[], T], *, needed: bool) -> T | None:
    try:
        return build()
    except SpeechUnavailable as error:
        if needed:
            raise
        log.warning("speech.no_understudy", reason=str(error))
        return None


async def _in(pool: Any, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, work)
