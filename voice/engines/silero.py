"""Silero's likelihood of speech, from the model that pipecat ships; one session for all calls."""

from importlib.resources import files
from typing import Any

import numpy as np
import onnxruntime as ort

from voice.sound import Samples

_RESET_AFTER_WINDOWS = 62
"""Two seconds. The model's memory drifts in long silence until it misses the speech that follows."""
_CLEARLY_SILENT, _SILENT_WINDOWS = 0.1, 5
_FAINT_WINDOWS = 20
"""0.64 s. With these heard first, what follows is judged as if all had been; with ten, up to 60 ms later."""


def one_thread() -> Any:
    """Session options: one thread a model, for calls run beside each other."""
    options = ort.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.log_severity_level = 3
    # Without the arena the memory of a long input is given back after it.
    options.enable_cpu_mem_arena = False
    return options


def load_silero() -> Any:
    """The session; about 40 ms and 10 MB."""
    model = files("pipecat.audio.vad.data").joinpath("silero_vad.onnx")
    return ort.InferenceSession(str(model), one_thread(), providers=["CPUExecutionProvider"])


class SileroEar:
    """One line's memory over the shared session. About 0.3 ms a window, so it runs on the event loop."""

    def __init__(self, session: Any, sample_rate_hz: int) -> None:
        self._session = session
        self._rate = np.array(sample_rate_hz, dtype=np.int64)
        self.window = 512 if sample_rate_hz == 16_000 else 256
        """Samples a window: 32 ms."""
        self._context_length = self.window // 8
        self._windows = self._silent = self._faint = 0
        self._state: Samples
        self._context: Samples
        self._forget()

    def likelihood(self, window: Samples, *, faint: bool = False) -> float:
        """Of speech in the next window, from 0 to 1.

        Args:
            window: As long as `self.window`.
            faint: No speech, whatever it is. In a long silence of that kind the model is not asked: that is
                most of a call on a quiet line, and half of what its hearing costs.
        """
        self._faint = self._faint + 1 if faint else 0
        if self._faint > _FAINT_WINDOWS:
            self._rest(window)
            return 0.0
        heard = np.concatenate((self._context, window))[np.newaxis, :]
        out, self._state = self._session.run(None, {"input": heard, "state": self._state, "sr": self._rate})
        self._context = window[-self._context_length :]
        likelihood = float(out[0, 0])
        self._maybe_forget(likelihood)
        return likelihood

    def _rest(self, window: Samples) -> None:
        if self._windows:
            self._forget()
            self._windows = 0
        self._context = window[-self._context_length :]

    def _maybe_forget(self, likelihood: float) -> None:
        self._windows += 1
        self._silent = self._silent + 1 if likelihood < _CLEARLY_SILENT else 0
        if self._windows >= _RESET_AFTER_WINDOWS and self._silent >= _SILENT_WINDOWS:
            self._forget()
            self._windows = 0

    def _forget(self) -> None:
        self._state = np.zeros((2, 1, 128), dtype=np.float32)
        self._context = np.zeros(self._context_length, dtype=np.float32)
