"""When speech begins and when it pauses, from one likelihood of speech for each window of sound.

Pure: no model, no clock. A window is 32 ms.
"""

from dataclasses import dataclass
from enum import Enum

WINDOW_S = 0.032


class Edge(Enum):
    """What changed with a window."""

    BEGAN = "began"
    """Somebody speaks."""
    PAUSED = "paused"
    """A short silence: time to begin transcribing, in case it stays."""
    WENT_ON = "went on"
    """It was only a breath; comes after PAUSED, or after STOPPED as BEGAN."""
    STOPPED = "stopped"
    """Silence for long enough to ask whether the turn is over."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Likelihoods from 0 to 1, lengths in windows."""

    begin: float = 0.55
    stay: float = 0.35
    """Below it a window of speech is silence; lower than `begin`, so that a soft syllable is no pause."""
    begin_windows: int = 3
    pause_windows: int = 3
    stop_windows: int = 5


QUIET = Thresholds()
"""While the caller has the floor."""
OVER_THE_VOICE = Thresholds(begin=0.65)
"""While the voice speaks: a cough, a door or an echo shall not stop it."""


class SpeechGate:
    """Turns likelihoods into edges."""

    def __init__(self) -> None:
        self.thresholds = QUIET
        self.speaking = False
        self.silent_windows = 0
        """Since the last window of speech, while speaking or after it."""
        self._run = 0

    def hear(self, likelihood: float) -> Edge | None:
        """Take the next window."""
        return self._while_speaking(likelihood) if self.speaking else self._while_silent(likelihood)

    def _while_silent(self, likelihood: float) -> Edge | None:
        self.silent_windows += 1
        # One weak window inside a word takes one step back, not all.
        self._run = self._run + 1 if likelihood >= self.thresholds.begin else max(0, self._run - 1)
        if self._run < self.thresholds.begin_windows:
            return None
        self.speaking, self._run, self.silent_windows = True, 0, 0
        return Edge.BEGAN

    def _while_speaking(self, likelihood: float) -> Edge | None:
        if likelihood >= self.thresholds.stay:
            paused = self.silent_windows >= self.thresholds.pause_windows
            self.silent_windows = 0
            return Edge.WENT_ON if paused else None
        self.silent_windows += 1
        if self.silent_windows == self.thresholds.stop_windows:
            self.speaking = False
            return Edge.STOPPED
        return Edge.PAUSED if self.silent_windows == self.thresholds.pause_windows else None
