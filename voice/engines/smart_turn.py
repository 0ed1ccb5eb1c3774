"""smart-turn's likelihood that somebody has finished, from the model and features that pipecat ships."""

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import Any

import numpy as np
import onnxruntime as ort

from voice.engines.silero import one_thread
from voice.sound import Samples

RATE_HZ = 16_000
_LONGEST = 8 * RATE_HZ


class SmartTurn:
    """Thread-safe; about 80 ms of one core a question, whatever the length."""

    def __init__(self) -> None:
        from pipecat.audio.turn.smart_turn._whisper_features import compute_whisper_log_mel_features

        self._features: Any = compute_whisper_log_mel_features
        model = files("pipecat.audio.turn.smart_turn.data").joinpath("smart-turn-v3.2-cpu.onnx")
        self._session = ort.InferenceSession(str(model), one_thread(), providers=["CPUExecutionProvider"])
        # A pool of its own: questions of many calls at once shall not crowd out what is being transcribed.
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="voice-turn")

    def finished(self, turn: Samples) -> float:
        """From 0 to 1.

        Args:
            turn: What was said in the turn, at 16 kHz, with the silence behind it; the last 8 s count.
        """
        heard = turn[-_LONGEST:]
        heard = np.pad(heard, (_LONGEST - len(heard), 0))
        features = self._features(heard, do_normalize=True)[np.newaxis, :]
        (out,) = self._session.run(None, {"input_features": features})
        return float(np.asarray(out).reshape(-1)[0])

    def close(self) -> None:
        """Let the thread end."""
        self.pool.shutdown(wait=False, cancel_futures=True)
