"""What a recogniser hears, brought nearer to what a person would write.

Speech has no commas, is full of "um", and corrects itself on the way: "by Wednesday, uh, no, sorry, by
Thursday". A correction replaces the last thing of its own kind: a date a date, a number a number.
"""

import re

from brain.offline.due import CLOCK, WHEN
from brain.offline.slots import PRIORITY

_FILLER = re.compile(
    r"(?:^|(?<=[\s,]))(?:u+h+m*|u+m+|e+r+m*|a+h+m*|hm+|mhm|you know,|i mean,|sort of like|kind of like)"
    r"[,.]*(?=\s|$)\s*",
    re.IGNORECASE,
)
_SPELLINGS = {
    "gimme": "give me",
    "lemme": "let me",
    "gonna": "going to",
    "gotta": "have to",
    "mins": "minutes",
    "pls": "please",
    "plz": "please",
    "thx": "thanks",
    "u": "you",
    "ur": "your",
    "abt": "about",
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
    "smth": "something",
    "somethin": "something",
    "tae": "to",
    "whit": "what",
    "dinnae": "don't",
    "whats": "what's",
    "thats": "that's",
    "nvm": "never mind",
    "wanna": "want to",
    "rn": "right now",
    "prio": "priority",
    "crit": "critical",
    "dont": "don't",
    "cant": "can't",
    "im": "I'm",
    "ive": "I've",
    "re mind": "remind",
    "can sell": "cancel",
    "good-bye": "goodbye",
    "good bye": "goodbye",
    "bye-bye": "bye",
}
"""How people write as they speak, and how a recogniser writes what it hardly heard."""
_SPELLED = re.compile(rf"\b(?:{'|'.join(_SPELLINGS)})\b", re.IGNORECASE)
_OPENING = re.compile(
    r"^(?:(?:oh|so|well|right|okay|ok|yeah|yes|no|listen|look|alright|hang on|hold on|wait|sorry|gosh"
    r"|actually|basically|anyway|by the way|one more thing|before i forget|and|but|also|then|now)\b"
    r"[,.!]*\s+(?=\S+\s+\S+))+",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"[\s,;.\u2013-]*(?:\bno[,.]?\s+(?:wait|sorry|actually|make (?:that|it)|i meant?)\b"
    r"|\bsorry[,.]?\s+(?:no|i meant?)\b"
    r"|\bwait[,.]?\s+no\b|\bactually[,.]?\s+(?:no|make (?:that|it))\b|\bscratch that\b|\bor rather\b"
    r"|(?<=\w)[,\s]+i meant?\b|\bcorrection\b|(?<=\w)[,\s]+\bmake that\b|(?<=\w),\s*no,)"
    r"(?:[,.\s]*\b(?:no|sorry|wait|actually|i meant?|make (?:that|it)|it's|that's|it is)\b)*[\s,:.\u2013-]*",
    re.IGNORECASE,
)
_AMENDS = re.compile(
    r"^(?:(?:no|sorry|actually|wait|oh|i meant?|better|hm+)[,.\s]+)*"
    r"(?:make (?:that|it|them)|i meant?|i said|change (?:that|it) to)\s+",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(r"[\s,]+(?:and|or|so|but|then)[\s.]*$", re.IGNORECASE)
_LINK = re.compile(r"(?:by|on|at|to|for|in|until|before|with|from|as|of|called|named)\b", re.IGNORECASE)
_WHEN = re.compile(rf"\b(?:{WHEN})(?!\w)", re.IGNORECASE)
_PRIORITY = re.compile(rf"\b(?:{PRIORITY})\b", re.IGNORECASE)
_CLOCK = re.compile(rf"(?<=at ){CLOCK}|(?<=at )\d{{1,2}}\b", re.IGNORECASE)
_NUMBER = re.compile(r"\b\d+\b")
_COMMAND = re.compile(
    r"(?:create|add|make a|show|cancel|delete|retry|remind|schedule|tell|send|list|pause|resume|move|rename"
    r"|plan|set)\b",
    re.IGNORECASE,
)


def tidy(text: str) -> str:
    """The sentence without fillers, and with its own corrections made."""
    bare = _SPELLED.sub(lambda match: _SPELLINGS[match[0].lower()], _FILLER.sub("", text)).strip(" ,")
    while (match := _last(_CORRECTION, bare)) is not None:
        before, after = bare[: match.start()].strip(" ,"), bare[match.end() :].strip()
        if not before or not after:
            break
        bare = _replaced(before, after)
    return _UNFINISHED.sub("", bare) or text.strip()


def without_opening(text: str) -> str:
    """The sentence without "oh, so, well, before I forget"; as it is when nothing would be left."""
    return _OPENING.sub("", text) or text


def amendment(text: str) -> str | None:
    """What "no, make that Friday" puts in the place of what was said before, if it does such a thing."""
    match = _AMENDS.match(text)
    return text[match.end() :].strip(" .!") or None if match else None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return max(pattern.finditer(text), key=lambda match: match.start(), default=None)


def _replaced(before: str, after: str) -> str:
    """`before` with its last part replaced by `after`."""
    if _COMMAND.match(after):
        return after
    for kind in (_CLOCK, _WHEN, _PRIORITY, _NUMBER):
        new, old = kind.search(after), _last(kind, before)
        if new is not None and old is not None and new.start() <= 12:
            return f"{before[: old.start()]}{after[new.start() :]}{before[old.end() :]}"
    link = _LINK.match(after)
    if link is not None:
        old = _last(re.compile(rf"\b{link[0]}\b", re.IGNORECASE), before)
        if old is not None:
            return f"{before[: old.start()]}{after}"
    words = before.split()
    kept = words[: max(len(words) - len(after.split()), 1)]
    return " ".join([*kept, after])
