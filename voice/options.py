"""What may differ from call to call, and the few sentences that are the voice's own."""

from dataclasses import dataclass, field

from voice.endpointing import Patience


@dataclass(frozen=True, slots=True)
class Phrases:
    """Said by the voice itself."""

    moment: str = "One moment."
    still_working: str = "I am still working on it, and it takes longer than usual."
    are_you_there: str = "Are you still there?"
    silence_farewell: str = "I cannot hear you, so I will hang up now. Call again at any time."
    time_farewell: str = (
        "We have talked for a long time, and I have to end this call now. Call again at any time."
    )
    apology: str = "I am sorry, something went wrong on my side. Please say that again."
    deaf: str = "I am sorry, I could not make out what you said. Please say it again."


@dataclass(frozen=True, slots=True)
class CallOptions:
    """Of one call; times in seconds."""

    phrases: Phrases = field(default_factory=Phrases)
    patience: Patience = field(default_factory=Patience)
    moment_after_s: float = 1.0
    """Of waiting for an answer, until "one moment"."""
    still_working_after_s: float = 8.0
    """Until an honest word; then again each time so long has passed."""
    silence_s: float = 10.0
    """Of both, until the caller is asked whether they are still there."""
    prompts_before_hang_up: int = 2
    """How often they are asked."""
    longest_s: float = 3_600.0
    """A call."""
    keys_pause_s: float = 2.5
    """After the last key, unless `#` ends them."""
    vendor_s: float = 3.0
    """How long a vendor may keep silent about speech, or about a sentence, until the local engine does it."""
    lead_s: float = 0.2
    """How much sound is sent ahead of what is played; what the network may be late."""
