"""What a caller's words say about recording: a plain yes or no, or a wish of their own. Pure."""

import re
from enum import Enum
from typing import Final

from voice.port import Utterance, UtteranceKind

_KEYS: Final = {"1": True, "2": False}
_BEFORE: Final = r"(?:(?:please|hello|hi|well|then|oh|um|uh|thanks|thank you|that is|that s|it is|it s) )*"
_BEHIND: Final = (
    r"(?:please|thanks|thank you|then|by me|with me|do|do that|do it|that is|that s|it is|it s|that would be)"
)
_YES: Final = (
    r"(?:yes|yeah|yep|yup|sure|okay|ok|of course|certainly|absolutely|go ahead|agreed|fine|all right|alright"
    r"|i (?:agree|consent|do not mind|don t mind)|you (?:may|can)|no problem|no objections?"
    r"|record (?:it|this|me|the call|this call))"
)
_NO: Final = (
    r"(?:no|nope|nah|never|not now|rather not|i (?:d|would) rather not|do not|don t|please don t"
    r"|do not record|don t record|you (?:may|can) not|i do not want that|i don t want that)"
)
_PLAIN_YES: Final = re.compile(rf"{_BEFORE}{_YES}(?: (?:{_YES}|{_BEHIND}))*")
_PLAIN_NO: Final = re.compile(rf"{_BEFORE}{_NO}(?: (?:{_NO}|{_BEHIND}|it|this|me|this call))*")

_LEAD: Final = r"(?:(?:please|okay|ok|and|now|so|chief|can you|could you|would you|will you|i want you to) )*"
_IT: Final = r"(?:(?:the|this|my|our|that) )?(?:call )?"
_TAIL: Final = (
    r"(?: (?:of )?(?:(?:the|this|our|my) (?:call|conversation)|this))?"
    r"(?: (?:now|please|again|at once|any ?more|me|it))*"
)


class Wish(Enum):
    """What somebody wants of a recording, in their own words."""

    STOP = re.compile(
        rf"{_LEAD}(?:(?:stop|end|pause|quit|no more|no|do not|don t|switch off|turn off) {_IT}record(?:ing)?"
        rf"|i (?:do not|don t) want (?:to be|this|this call|this to be|it|you to) record(?:ed)?){_TAIL}"
    )
    ERASE = re.compile(rf"{_LEAD}(?:delete|erase|remove|destroy|throw away|drop) {_IT}recording{_TAIL}")
    BEGIN = re.compile(
        rf"{_LEAD}(?:(?:start|begin|resume|continue) {_IT}recording"
        rf"|record (?:this|the|our) (?:call|conversation)){_TAIL}"
    )
    ASKS = re.compile(
        rf"{_LEAD}(?:are you|do you|is (?:this|it|(?:this|the|our|my) (?:call|conversation)))"
        rf" (?:(?:still|being|now) )*record(?:ed|ing)?{_TAIL}"
    )


def answer_of(utterance: Utterance) -> bool | None:
    """A plain yes or no, aloud or by a key; None for any other words, and for a question."""
    if utterance.kind is UtteranceKind.KEYS:
        return _KEYS.get(utterance.text)
    words = _plain(utterance.text)
    if _PLAIN_NO.fullmatch(words):
        return False
    return True if _PLAIN_YES.fullmatch(words) and "?" not in utterance.text else None


def wish_of(utterance: Utterance) -> Wish | None:
    """What these words want of the recording; None for any others."""
    if utterance.kind is UtteranceKind.KEYS:
        return None
    words = _plain(utterance.text)
    return next((wish for wish in Wish if wish.value.fullmatch(words)), None)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
