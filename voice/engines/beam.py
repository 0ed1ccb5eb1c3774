"""The likeliest sequences of tokens, by beam search: several beginnings are followed beside each other.

Whoever takes the likeliest next token each time cannot take back a word that the next one makes unlikely.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from voice.sound import Samples

GoOn = Callable[[Sequence[int], Sequence[int]], Samples]
"""Given the row of its last answer that each beginning comes from, and the token that it adds: what every
token would be worth as the next one, a row of unnormalised logarithms (float32) for each beginning."""

WIDTH = 8
"""Beginnings at a time, at most."""
BEHIND = 3.0
"""How far a beginning may lie behind the best one, in natural logarithms: a twentieth of its likelihood."""
FAVOURED = 3
"""Beginnings beside those, at most, which only a favour keeps."""
NO_TOKENS: tuple[NDArray[np.int64], Samples] = np.empty(0, np.int64), np.empty(0, np.float32)


class Language(Protocol):
    """What speaks for tokens besides the sound. All of it is in natural logarithms."""

    @property
    def nothing_said(self) -> Any:
        """What is known of no tokens."""

    def add(self, said: Any, token: int) -> tuple[Any, float]:
        """What is known with one token more, and what speaks for that token."""

    def favour(self, said: Any) -> float:
        """What speaks for all of it that is hoped for. It may be taken back by a later token."""

    def hoped_for(self, said: Any) -> tuple[NDArray[np.int64], Samples]:
        """Tokens that may come next although the sound hardly says so, and how much each adds to the
        favour."""


class SoundAlone:
    """Nothing does."""

    nothing_said: Any = None

    def add(self, said: Any, _token: int) -> tuple[Any, float]:
        """As `Language`."""
        return said, 0.0

    def favour(self, _said: Any) -> float:
        """As `Language`."""
        return 0.0

    def hoped_for(self, _said: Any) -> tuple[NDArray[np.int64], Samples]:
        """As `Language`."""
        return NO_TOKENS


class Found(NamedTuple):
    """Tokens, the logarithm of their likelihood, and what is known of what they say."""

    score: float
    tokens: list[int]
    said: Any = None
    favour: float = 0.0
    """How much of the score it is."""


def likeliest(
    first: Samples,
    go_on: GoOn,
    *,
    end: int,
    longest: int,
    behind: float = 0.0,
    language: Language | None = None,
) -> list[Found]:
    """The sequence that is worth most, and those that lie little behind it; the best one first.

    None has the token that ends it.

    Args:
        first: What each token is worth as the first one: unnormalised logarithms, 1 x vocabulary.
        go_on: What comes next.
        end: The token that ends a sequence.
        longest: Tokens after which what is not ended counts as it is.
        behind: How far the others may lie behind, in natural logarithms.
        language: What speaks for tokens besides the sound.
    """
    language = language or SoundAlone()
    worth, beginnings, at_least = first, [Found(0.0, [], language.nothing_said)], -np.inf
    ended: list[Found] = []
    for _ in range(longest):
        came_from: list[int] = []
        longer: list[Found] = []
        for row, one in _grown(beginnings, worth, language):
            if one.score < at_least:
                break
            if one.tokens[-1] != end:
                came_from.append(row)
                longer.append(one)
                continue
            ended.append(one._replace(tokens=one.tokens[:-1]))
            # What comes later hardly adds to what a beginning is worth: no sound does, words do a little.
            at_least = max(at_least, one.score - behind)
        if not longer:
            break
        beginnings = longer
        worth = go_on(came_from, [one.tokens[-1] for one in longer])
    else:
        ended.append(beginnings[0])
    ended.sort(key=lambda one: -one.score)
    return [one for one in ended if one.score >= ended[0].score - behind]


def _grown(beginnings: Sequence[Found], worth: Samples, language: Language) -> list[tuple[int, Found]]:
    """What is followed with one token more, the best first, and the row that each comes from.

    What is favoured takes no place from what is not: it may yet turn out wrong.
    """
    alone = np.array([[one.score - one.favour] for one in beginnings]) + _log_likelihoods(worth)
    floor = alone.max() - BEHIND
    likely = alone >= floor
    hoped = np.zeros_like(likely)
    for row, one in enumerate(beginnings):
        if one.favour:
            hoped[row] = alone[row] + one.favour >= max(floor, alone[row].max() + one.favour - BEHIND)
        tokens, more = language.hoped_for(one.said)
        hoped[row, tokens[alone[row, tokens] + one.favour + more >= floor]] = True

    def longer(places: Iterable[tuple[int, int]]) -> list[tuple[int, Found]]:
        grown = []
        for row, token in places:
            before = beginnings[row]
            said, more = language.add(before.said, token)
            favour = language.favour(said)
            score = float(alone[row, token]) + more + favour
            grown.append((row, Found(score, [*before.tokens, token], said, favour)))
        return grown

    by_sound = longer(zip(*map(np.ndarray.tolist, np.nonzero(likely)), strict=True))
    by_sound.sort(key=lambda one: one[1].favour - one[1].score)
    others = longer(zip(*map(np.ndarray.tolist, np.nonzero(hoped & ~likely)), strict=True))
    favoured = sorted((one for one in by_sound + others if one[1].favour > 0), key=_best_first)[:FAVOURED]
    kept = by_sound[:WIDTH]
    return sorted(kept + [one for one in favoured if one not in kept], key=_best_first)


def _best_first(grown: tuple[int, Found]) -> float:
    return -grown[1].score


def _log_likelihoods(worth: Samples) -> Samples:
    below = worth - worth.max(axis=-1, keepdims=True)
    likelihoods: Samples = below - np.log(np.exp(below).sum(axis=-1, keepdims=True))
    return likelihoods
