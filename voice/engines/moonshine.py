"""Moonshine: speech to text on this machine.

A transcriber shared between threads gives back corrupted text, and two built at a time crash: so each worker
thread has one of its own, built under a lock.
"""

import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from voice.errors import EngineFailed, SpeechUnavailable
from voice.sound import Samples

RATE_HZ = 16_000
_building = threading.Lock()
_own = threading.local()
_OLD_SPELLING = re.compile(r"\b([Tt])o-(morrow|day|night)\b")
"""The model learned from old books; what reads its text looks for "tomorrow"."""
_QUOTES = " \t\n\"'\u201c\u201d\u2018\u2019"
_MISSING = (
    "There is no local speech recognition on this machine: the package moonshine-voice 0.1.0, which carries "
    "its model, exists for Linux on x86-64 with glibc 2.34 or newer only. Set VOICE_STT to a vendor, such as "
    "VOICE_STT=deepgram with VOICE_STT_API_KEY."
)


class Moonshine:
    """A pool of transcribers.

    Args:
        workers: Threads, each with a model of about 130 MB. More than the machine's cores is of no use.

    Raises:
        SpeechUnavailable: The engine cannot run here.
    """

    def __init__(self, workers: int = 2) -> None:
        # Read by the native library when it opens a session: half the CPU time for the same words.
        os.environ.setdefault("MOONSHINE_ORT_SINGLE_THREAD", "1")
        _transcriber_class()
        self._workers = workers
        self.pool = ThreadPoolExecutor(workers, thread_name_prefix="voice-stt")

    def warm_up(self) -> None:
        """Build every worker's model and let it hear something. Blocks, for about 0.4 s a worker."""
        together = threading.Barrier(self._workers)

        def first() -> None:
            self.transcribe(np.zeros(RATE_HZ, dtype=np.float32))
            together.wait(60)

        for one in [self.pool.submit(first) for _ in range(self._workers)]:
            one.result()

    def transcribe(self, speech: Samples) -> str:
        """The words; empty if there are none. To be called in `pool`.

        Args:
            speech: At 16 kHz, up to a minute, best with half a second of what came before it.

        Raises:
            EngineFailed: The library gave an error.
        """
        transcriber = _transcriber()
        try:
            found = transcriber.transcribe_without_streaming(speech.tolist(), RATE_HZ)
        except Exception as error:
            raise EngineFailed(f"moonshine: {type(error).__name__}") from error
        return as_written_today(" ".join(line.text.strip() for line in found.lines if line.text))

    def close(self) -> None:
        """Let the threads end; they free their models."""
        self.pool.shutdown(wait=False, cancel_futures=True)


def as_written_today(text: str) -> str:
    """Without the quotation marks around it and the spelling that the model has from its books."""
    return _OLD_SPELLING.sub(r"\1o\2", text.strip(_QUOTES))


def _transcriber() -> Any:
    if not hasattr(_own, "transcriber"):
        with _building:
            _own.transcriber = _built()
    return _own.transcriber


def _built() -> Any:
    from moonshine_voice.moonshine_api import ModelArch
    from moonshine_voice.utils import get_assets_path

    # Where speech begins and ends is decided by the caller: the library's own detector is off.
    options = {"vad_threshold": "0", "return_audio_data": "false"}
    return _transcriber_class()(f"{get_assets_path()}/tiny-en", ModelArch.TINY, options=options)


def _transcriber_class() -> Any:
    try:
        from moonshine_voice.transcriber import Transcriber
    except (ImportError, OSError) as error:
        raise SpeechUnavailable(_MISSING) from error
    return Transcriber
