"""How things are put to an assistant: "remind me" is likelier than "or my meat", which sounds the same."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from itertools import pairwise

from voice.engines.beam import SoundAlone

WORD = re.compile(r"[a-z']+")
BEGIN, END = "<s>", "</s>"
"""What stands before the first word of a sentence, and behind its last one."""
_AT_LEAST = 2
"""Sentences with a pair; what only one says is no way of putting things."""
_DISCOUNT = 0.7
_FLOOR = 1e-3
"""What any word may be likely to follow another one: pairs are worth what they are likelier."""
_WEIGHT = 0.2
"""Of the words beside the sound."""

Said = tuple[str, str]
"""The last word that is complete, and what there is of the next one."""
NOTHING_SAID: Said = (BEGIN, "")


def pairs(sentences: Iterable[str]) -> Iterator[tuple[str, str, float]]:
    """Words that follow each other, and the logarithm of how much likelier than any; sorted."""
    counted: Counter[tuple[str, str]] = Counter()
    for sentence in sentences:
        words = [BEGIN, *WORD.findall(sentence.lower()), END]
        counted.update(pairwise(words))
    first = Counter[str]()
    for (word, _), count in counted.items():
        first[word] += count
    for (word, following), count in sorted(counted.items()):
        worth = math.log((count - _DISCOUNT) / first[word] / _FLOOR)
        if count >= _AT_LEAST and worth > 0:
            yield word, following, worth


class Phrasing(SoundAlone):
    """What speaks for a recogniser's tokens besides the sound.

    `phrasing.txt` has the pairs; `make docs` writes it from the sentences that the offline brain learns from.

    Args:
        tokens: What each is written as; one that begins a word begins with `blank`.
        blank: Stands for a space.
        end: The number of the token that ends a sentence.
    """

    nothing_said = NOTHING_SAID

    def __init__(self, tokens: Sequence[str], *, blank: str, end: int) -> None:
        self._tokens = [token.lower() for token in tokens]
        self._blank = blank
        self._end = end
        listed = files("voice.engines").joinpath("phrasing.txt").read_text("utf-8").splitlines()
        self._worth = {(one, other): float(worth) for one, other, worth in map(str.split, listed)}

    def completes(self, token: int) -> bool:
        """Whether the word before it is complete."""
        return token == self._end or self._tokens[token].startswith(self._blank)

    def add(self, said: Said, token: int) -> tuple[Said, float]:
        """As `beam.Language`. A word counts when the next one begins."""
        last, unfinished = said
        if not self.completes(token):
            return (last, unfinished + self._tokens[token]), 0.0
        worth = 0.0
        for word in WORD.findall(unfinished):
            worth += self._worth.get((last, word), 0.0)
            last = word
        if token != self._end:
            return (last, self._tokens[token]), _WEIGHT * worth
        return (last, ""), _WEIGHT * (worth + self._worth.get((last, END), 0.0))
