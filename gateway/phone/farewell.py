"""Whether a caller takes their leave, for the call to end when the answer to that has been heard. Pure."""

import re
from typing import Final

_LONGEST: Final = 120
_BEFORE: Final = (
    r"(?:(?:ok|okay|alright|all right|right|well|so|yes|yeah|no|great|good|fine|perfect|please|then|and|now"
    r"|thanks(?: a lot)?|thank you(?: very much| so much)?|nothing else|you can|i have to go|i must go"
    r"|(?:that|this)(?:'s| is| was| will be) (?:all|it|everything)"
    r"|have a (?:nice|good|great) (?:day|evening|weekend|one)|until (?:later|tomorrow)|for (?:now|today)"
    r")\W+)*"
)
_LEAVE: Final = (
    r"(?:good\W?bye|bye(?:\W?bye)?|good night|hang up|end (?:the|this) call"
    r"|see you(?: later| soon| tomorrow)?|(?:talk|speak) to you (?:later|soon|tomorrow)|take care)"
)
_AFTER: Final = (
    r"(?:\W+(?:then|now|please|for now|chief|thanks|thank you|bye|good\W?bye|have a nice day))*\W*"
)
_FAREWELL: Final = re.compile(f"{_BEFORE}{_LEAVE}{_AFTER}")


def takes_leave(text: str) -> bool:
    """Whether these words are a goodbye, or ask to hang up, and nothing else."""
    words = text.strip().lower().replace("\u2019", "'")
    return len(words) <= _LONGEST and _FAREWELL.fullmatch(words) is not None
