"""The words of a sentence that can name something, without those that every sentence has."""

import re
from functools import cache
from importlib import resources

from brain.offline import grammar

_WORD = re.compile(r"[\w'-]+(?:\.\w+)?")


def content_of(text: str) -> str:
    """In their order, as they were written."""
    return " ".join(word for word in _WORD.findall(text) if word.lower() not in _stop_words())


def content_words(text: str) -> frozenset[str]:
    """Each once, in small letters."""
    words = (word.lower().removesuffix("'s") for word in _WORD.findall(text))
    return frozenset(word for word in words if len(word) > 1 and word not in _stop_words())


@cache
def _stop_words() -> frozenset[str]:
    path = resources.files("brain.offline") / grammar.LANGUAGE / "stop_words.txt"
    return frozenset(path.read_text("utf-8").split())
