"""What is measured in a call, and who is told of it. Which metrics system keeps it is not known here."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTimes:
    """Where the time of one turn went: from the caller's last sound to the first sound of the answer.

    All in seconds, each from the end of the stage before it, so that they add up to `voice_to_voice_s`.
    """

    vad_s: float
    """Until the silence was taken for one."""
    stt_s: float
    """Until the text was there."""
    turn_s: float
    """Until the caller was taken to have finished."""
    brain_s: float
    """Until the handler's first words."""
    sentence_s: float
    """Until there was enough of them to speak."""
    tts_s: float
    """Until the first sound of it, and its first frame on the line."""

    @property
    def voice_to_voice_s(self) -> float:
        """What the caller waits."""
        return self.vad_s + self.stt_s + self.turn_s + self.brain_s + self.sentence_s + self.tts_s


class CallObserver(Protocol):
    """Is told as it happens, on the call's event loop; must return at once and raise nothing."""

    def call_began(self) -> None:
        """Before the greeting."""

    def call_ended(self, ended_by: str, duration_s: float) -> None:
        """`ended_by`: a value of `voice.port.EndedBy`."""

    def greeted(self, after_s: float) -> None:
        """The greeting's first sound is on the line."""

    def turn_measured(self, times: TurnTimes) -> None:
        """The first sound of an answer is on the line."""

    def interrupted(self, after_s: float) -> None:
        """The caller spoke over the voice, and the line was cleared, so long after their first sound."""

    def vendor_failed(self, vendor: str) -> None:
        """`stt:deepgram`, `tts:cartesia`: an engine failed in a call or could not be started."""


class Unobserved:
    """An observer that looks away."""

    def call_began(self) -> None: ...

    def call_ended(self, ended_by: str, duration_s: float) -> None: ...

    def greeted(self, after_s: float) -> None: ...

    def turn_measured(self, times: TurnTimes) -> None: ...

    def interrupted(self, after_s: float) -> None: ...

    def vendor_failed(self, vendor: str) -> None: ...
