"""A sentence as numbers: what it is about, by its vector, and how it is put, by its words.

The vectors know that a fence is like a wall; they hardly know "did they" from "did it", or "leave it" from
"leave". Words and pairs of neighbours do, so a layer learns from both.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np

from brain.offline.linear import Vectors

# Found by leaving each writer of examples out in turn: what the one left out said is understood best so.
_VECTOR_SCALE = 6.0
"""Unit vectors of one language lie close together; this spreads them."""
_WORDS_SCALE = 8.0
_LEAST_COUNT = 2
"""A turn of phrase that only one sentence has says nothing about another."""
_WORD = re.compile(r"[a-z']+|\d+|[?!,.:;]")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Features:
    """Holds which turns of phrase count, each with its place behind the vector."""

    places: Mapping[str, int]

    @classmethod
    def found_in(cls, sentences: Iterable[str]) -> Self:
        """Those that come more than once."""
        counts = Counter(turn for sentence in sentences for turn in turns_of_phrase(sentence))
        common = sorted(turn for turn, count in counts.items() if count >= _LEAST_COUNT)
        return cls({turn: at for at, turn in enumerate(common)})

    def rows(self, sentences: Sequence[str], vectors: Vectors) -> Vectors:
        """One row a sentence, whose vector stands in the same row of `vectors`."""
        words = np.zeros((len(sentences), len(self.places)), dtype=np.float32)
        for row, sentence in zip(words, sentences, strict=True):
            known = [self.places[turn] for turn in turns_of_phrase(sentence) if turn in self.places]
            if known:
                row[known] = _WORDS_SCALE / np.sqrt(len(known))
        return np.concatenate([vectors * np.float32(_VECTOR_SCALE), words], axis=1)


def turns_of_phrase(sentence: str) -> set[str]:
    """Words, pairs of neighbours, and what the sentence begins with. Numbers are all alike."""
    words = _WORD.findall(sentence.lower().replace("\u2019", "'"))
    bounded = ["<", *("0" if _NUMBER.fullmatch(word) else word for word in words), ">"]
    pairs = {f"{one} {other}" for one, other in pairwise(bounded)}
    return {*bounded, *pairs, f"^{' '.join(bounded[1:3])}", f"^{' '.join(bounded[1:4])}"}
