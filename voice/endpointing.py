"""How long a silence must be before the caller is taken to have finished.

Sound alone (the turn model's verdict) errs on lists, digits and hesitation; words alone err on tone. Together
they decide how much patience a silence deserves. Pure.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Silences in seconds, from the last sound."""

    sure_s: float = 0.3
    """The tone says finished, and nothing in the words speaks against it."""
    likely_s: float = 0.35
    doubtful_s: float = 0.7
    """The tone says unfinished."""
    listing_s: float = 0.9
    """In the middle of digits, letters or a list."""
    hanging_s: float = 1.1
    """The words cannot be the end: "and", "to the", "um"."""


DEFAULT = Patience()

_HANGING_WORDS = """
    a an the and or but so because if when while that which who of to for from with at by in on into
    about my your our their his its this these um uh er erm hmm like called is are was i'm i'll i'd
    we'll let's please also then maybe plus
"""
_HANGING = frozenset(_HANGING_WORDS.split())
_NUMBER_WORDS = """
    zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    twenty thirty forty fifty sixty seventy eighty ninety hundred thousand double triple
"""
_NUMBERS = frozenset(_NUMBER_WORDS.split())
_LISTING = re.compile(r"\b(first|firstly|second|secondly|one is|number one)\b", re.IGNORECASE)
_EXPLAINED = re.compile(r"\b[a-z] as in \w+(?:[\s,.-]+\w\b)*\W*$", re.IGNORECASE)
"""In the middle of a name: "M as in Mike, E"."""
_WORDS = re.compile(r"[\w']+")
_SURE, _LIKELY = 0.7, 0.4
_FEWEST_OF_A_LIST = 2


def silence_needed_s(finished: float, text: str, patience: Patience = DEFAULT) -> float:
    """How long the silence must last.

    Args:
        finished: The turn model's likelihood that the caller has finished, from 0 to 1.
        text: What they have said in this turn so far.
        patience: The lengths to choose from.
    """
    words = [word.lower() for word in _WORDS.findall(text)]
    if not words:
        return patience.doubtful_s
    if words[-1] in _HANGING:
        # "… than he was." is an end if both the tone and the engine's full stop say so.
        ended = finished >= _SURE and text.rstrip().endswith((".", "!", "?"))
        return patience.doubtful_s if ended else patience.hanging_s
    if _spells(words) or _EXPLAINED.search(text):
        return patience.likely_s if finished >= _SURE else patience.listing_s
    if finished >= _SURE:
        return patience.sure_s
    # The engine hears a question in tone and grammar; people wait for an answer to it.
    if finished >= _LIKELY or text.rstrip().endswith("?"):
        return patience.likely_s
    return patience.listing_s if _LISTING.search(text) else patience.doubtful_s


def _spells(words: list[str]) -> bool:
    """Whether it ends in the middle of digits or letters, one by one."""
    tail = words[-_FEWEST_OF_A_LIST:]
    single = [word for word in tail if word in _NUMBERS or word.isdigit() or len(word) == 1]
    return len(single) == _FEWEST_OF_A_LIST and not {"i", "a"}.issuperset(single)
