"""Which task a sentence speaks of, by the words of the titles that are in it.

A person says "pull the plug on the brochure, we're not doing that this year": one word of the title, and
many others. What counts is which title shares the rarest words with the sentence.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from rapidfuzz import fuzz

from brain.offline.content import content_words
from brain.rows import TaskRow

_ALIKE = 86
_STEM_CHARS = 5
_VERB = 0.3
CLEARLY_NAMED = 0.9
_CLEARLY = 1.2
"""How much more of one title than of the next has to be in the sentence."""
_STATES: Mapping[str, re.Pattern[str]] = {
    "failed": re.compile(r"\b(?:fail|crash|broke|went wrong|didn't work|died)", re.IGNORECASE),
    "blocked": re.compile(r"\b(?:block|stuck|wait|asks?\b|question)", re.IGNORECASE),
    "in_progress": re.compile(r"\b(?:running|in progress|under way|being done)", re.IGNORECASE),
}
_POINTS = re.compile(r"\b(?:it|that|this|that one|this one)\b", re.IGNORECASE)


Key = TypeVar("Key", int, str)


def named_in(sentence: str, rows: Sequence[TaskRow], *, least: float = 0.0) -> list[TaskRow]:
    """The rows whose titles have the most in common with the sentence: one, several alike, or none.

    Args:
        least: How much that has to be; `CLEARLY_NAMED` is a word that no other title has.
    """
    near = closest(sentence, {row.number: row.title for row in rows}, least=least)
    return [row for row in rows if row.number in near]


def closest(sentence: str, titles: Mapping[Key, str], *, least: float = 0.0) -> list[Key]:
    """The keys of the titles that have the most in common with the sentence."""
    said = content_words(sentence)
    words = {key: content_words(title) for key, title in titles.items()}
    scores = {
        key: sum(_weight(word, titles[key], words.values()) for word in title if _in(word, said))
        for key, title in words.items()
    }
    best = max(scores.values(), default=0.0)
    return [key for key, score in scores.items() if best > least and score * _CLEARLY > best]


def in_the_state_of(sentence: str, rows: Sequence[TaskRow]) -> list[TaskRow]:
    """ "The one that failed", when no title is named."""
    states = [state for state, words in _STATES.items() if words.search(sentence)]
    return [row for row in rows if row.status in states]


def points_back(sentence: str) -> bool:
    """Whether "it" or "that" stands for what was spoken of last."""
    return _POINTS.search(sentence) is not None


def _weight(word: str, title: str, all_words: Iterable[Iterable[str]]) -> float:
    """A word of many titles tells little, and the verb that a title begins with is said of much else."""
    spread = max(1, sum(_in(word, words) for words in all_words))
    return (_VERB if title.lower().startswith(word) else 1.0) / spread


def _in(word: str, others: Iterable[str]) -> bool:
    return any(_alike(word, other) for other in others)


def _alike(one: str, other: str) -> bool:
    if min(len(one), len(other)) < _STEM_CHARS:
        return one == other or f"{one}s" == other or one == f"{other}s"
    return one[:_STEM_CHARS] == other[:_STEM_CHARS] or fuzz.ratio(one, other) >= _ALIKE
