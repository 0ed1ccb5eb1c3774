"""Whether a few words are a yes or a no to what was just asked, in whichever way people say it."""

import re

_BEFORE = r"^(?:(?:oh|um|uh|well|hm+|so|please|and|okay then|alright)\b[,.!\s]*)*"
_YES = re.compile(
    rf"{_BEFORE}(?:yes|yeah|yea|yep|yup|ya|ja|aye|sure|ok|okay|absolutely|of course|certainly|confirmed?"
    r"|definitely|go (?:ahead|for it|on)|on (?:you|ye) go|do (?:it|that|so)|please do|too right|fine|right"
    r"|correct|agreed|approved|exactly|sounds good|i'm sure|perfect)\b",
    re.IGNORECASE,
)
_NO = re.compile(
    rf"{_BEFORE}(?:no|nope|nah|naw|nein|don't|do not|never mind|nevermind|leave|keep|stop|wait|rather not|not"
    r"|forget it)\b",
    re.IGNORECASE,
)
_FAINT = re.compile(rf"{_BEFORE}(?:ok|okay|right|fine|perfect)\b", re.IGNORECASE)
"""As often the beginning of something else."""
_MOST_AFTER_FAINT = 3
_MOST_WORDS = 12


def is_yes(text: str) -> bool | None:
    """True for a yes, False for a no; None for anything longer, or else."""
    if len(text.split()) > _MOST_WORDS or "?" in text:
        return None
    if _FAINT.search(text) and len(text.split()) > _MOST_AFTER_FAINT:
        return None
    if _YES.search(text):
        return True
    return False if _NO.search(text) else None
