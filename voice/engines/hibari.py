"""hibari: text to speech on this machine."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from voice.errors import EngineFailed, SpeechUnavailable
from voice.sound import Samples, resampled

_FAINTEST = 0.002
_LEAD_S, _TAIL_S = 0.01, 0.25
"""Silence kept before and behind a sentence. The engine gives 0.3 s before it, and the caller would wait."""
_MISSING = (
    "There is no local voice on this machine: install the package hibari-tts 0.2.1, or set VOICE_TTS to a "
    "vendor, such as VOICE_TTS=cartesia with VOICE_TTS_API_KEY."
)


class HibariVoice:
    """The voice `heart`; about 25 ms for a sentence.

    Raises:
        SpeechUnavailable: The package is not installed.
    """

    def __init__(self) -> None:
        try:
            from hibari import Hibari
        except ImportError as error:
            raise SpeechUnavailable(_MISSING) from error
        self._engine = Hibari()
        # One thread: sentences are short, and their order is the order in which calls asked.
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="voice-tts")

    def warm_up(self) -> None:
        """Load what the engine loads at the first sentence. Blocks for about 0.4 s."""
        self.pool.submit(lambda: list(self.speech("Warm up.", 8000))).result()

    def speech(self, text: str, sample_rate_hz: int) -> Iterator[Samples]:
        """Sound, one piece a sentence of the text. To be called in `pool`.

        Raises:
            EngineFailed: The engine broke over this text.
        """
        try:
            for piece in self._engine.stream(text):
                spoken = _trimmed(piece, self._engine.sample_rate)
                yield resampled(spoken, self._engine.sample_rate, sample_rate_hz)
        except Exception as error:
            raise EngineFailed(f"hibari: {type(error).__name__}") from error

    def close(self) -> None:
        """Let the thread end."""
        self.pool.shutdown(wait=False, cancel_futures=True)


def _trimmed(sound: Samples, sample_rate_hz: int) -> Samples:
    loud = np.nonzero(np.abs(sound) > _FAINTEST)[0]
    if not len(loud):
        return sound[:0]
    first = max(0, int(loud[0]) - int(_LEAD_S * sample_rate_hz))
    return sound[first : int(loud[-1]) + int(_TAIL_S * sample_rate_hz)]
