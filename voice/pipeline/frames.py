"""What our processors tell each other, beside pipecat's own frames."""

from dataclasses import dataclass, field

from pipecat.frames.frames import DataFrame, SystemFrame

from voice.pipeline.playback import Sentence
from voice.port import UtteranceKind


@dataclass
class SilencePausedFrame(SystemFrame):
    """The caller has been silent for a moment; they may go on."""


@dataclass
class SilenceBrokenFrame(SystemFrame):
    """They went on."""


@dataclass
class KeyPressedFrame(SystemFrame):
    """A key of the telephone."""

    key: str = ""


@dataclass
class FloorTakenFrame(SystemFrame):
    """The caller speaks; nothing may be said until they have given the floor back."""

    onset_at: float = 0.0
    """When their first sound came, in seconds of the loop's clock."""
    cut: bool = False
    """The voice was speaking, and was cut off."""


@dataclass
class FloorReturnedFrame(SystemFrame):
    """What sounded like the caller was nothing: go on with what was cut off."""

    deaf: bool = False
    """Or there were words, and no engine could make them out."""


@dataclass
class UtteranceFrame(SystemFrame):
    """The caller has finished. Times are of the loop's clock, in seconds."""

    kind: UtteranceKind = UtteranceKind.SPEECH
    text: str = ""
    whole: str = ""
    """What it goes on with and the text, heard as one; empty if it goes on with nothing, or that is long."""
    sound: bytes = b""
    """16 bit, at the line's rate."""
    began_at: float = 0.0
    last_sound_at: float = 0.0
    silence_known_at: float = 0.0
    text_known_at: float = 0.0
    decided_at: float = 0.0


@dataclass
class SayFrame(DataFrame):
    """A sentence for the mouth."""

    sentence: Sentence = field(default_factory=lambda: Sentence(0, "", ""))
    by_vendor: bool = False
    """A vendor upstream of the mouth makes its sound; else the mouth does."""
