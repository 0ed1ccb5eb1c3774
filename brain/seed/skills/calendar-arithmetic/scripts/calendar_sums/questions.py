"""Which kind of question about dates it is."""

import re
from dataclasses import dataclass

_UNIT = (
    r"(?P<unit>working days?|business days?|workdays?|weekdays|days?|weeks?|months?|years?|hours?|nights?)"
)
_COUNT = r"(?P<count>\d+|an?|one|two|three|four|five|six)"
_UNTIL = r"(?:until|till|to go to|to|before|left (?:until|till|to))"
_VERB = r"(?:is|was|will|does|did|on|for|has|in|falls?|of(?! the week))"
_KINDS = {
    "span": [
        rf"(?:{_UNIT}\s+.*?)?between\s+(?P<first>.+?)\s+and\s+(?P<last>.+)",
        rf"(?:{_UNIT}\s+.*?)?from\s+(?P<first>.+?)\s+(?:to|until|till)\s+(?P<last>.+)",
    ],
    "moved": [
        rf"{_COUNT}\s+{_UNIT}\s+(?P<way>after|before|from|ago|prior to|hence)\s*(?P<base>.*)",
        rf"\bin\s+{_COUNT}\s+{_UNIT}(?P<way>)(?P<base>)\s*$",
        rf"(?P<base>\S.*?)\s*(?P<way>\+|-|plus|minus)\s*{_COUNT}\s+{_UNIT}\s*$",
    ],
    "ahead": [rf"{_UNIT}\s+.*?\b{_UNTIL}\s+(?P<last>.+)"],
    "behind": [rf"{_UNIT}\s+.*?\bsince\s+(?P<first>.+)", r"\b(?:time|long).*?\bsince\s+(?P<first>.+)"],
    "waited": [rf"\bhow long\b.*?\b{_UNTIL}\s+(?P<last>.+)"],
    "age": [r"\b(?:how old|age)\b.*?\bborn\s+(?:on\s+)?(?P<first>[^?]+?)(?:\s+(?:is|are|today|now).*)?$"],
    "week": [
        rf"\b(?:week number|calendar week|which week|what week)\b.*?\b{_VERB}\b\s*(?P<first>.+)",
    ],
    "weekday": [
        rf"\b(?:weekday|(?:which|what) day|day of the week)\b.*?\b{_VERB}\b\s*(?P<first>.+)",
    ],
}
_PATTERNS = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, all_ in _KINDS.items() for pattern in all_]
_LEADS = re.compile(
    r"^(?:(?:please|can you|could you|tell me|calculate|compute|count|find out|work out|find|what is|what's"
    r"|what date is|which date is|the date|date)\b[:,]?\s*)+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Question:
    """What is asked, with the phrases in it."""

    kind: str
    unit: str
    phrases: dict[str, str]


def read_question(sentence: str) -> Question | None:
    """The question in a sentence, if it is one about dates."""
    text = " ".join(sentence.split()).rstrip(" ?.!")
    for kind, pattern in _PATTERNS:
        found = pattern.search(text if kind in ("weekday", "week", "age") else _LEADS.sub("", text))
        if found:
            phrases = {name: (value or "").strip() for name, value in found.groupdict().items()}
            return Question(kind, _unit(phrases.pop("unit", "")), phrases)
    return None


def _unit(word: str) -> str:
    word = word.lower()
    if word.startswith(("work", "business", "weekdays")):
        return "working day"
    return {"night": "day", "": "day"}.get(word.rstrip("s"), word.rstrip("s"))
