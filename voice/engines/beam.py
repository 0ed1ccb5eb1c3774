"""The likeliest sequences of tokens, by beam search: several beginnings are followed beside each other.

Whoever takes the likeliest next token each time cannot take back a word that the next one makes unlikely.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from voice.sound import Samples

GoOn = Callable[[Sequence[int], Sequence[int]], Samples]
"""Given the row of its last answer that each beginning comes from, and the token that it adds: what every
token would be worth as the next one, a row of unnormalised logarithms (float32) for each beginning."""

WIDTH = 8
"""Beginnings at a time, at most."""
BEHIND = 3.0
"""How far a beginning may lie behind the best one, in natural logarithms: a twentieth of its likelihood."""


class Found(NamedTuple):
    """Tokens, and the logarithm of their likelihood."""

    score: float
    tokens: list[int]


def likeliest(first: Samples, go_on: GoOn, *, end: int, longest: int, behind: float = 0.0) -> list[Found]:
    """The sequence that is worth most, and those that lie little behind it; the best one first.

    None has the token that ends it.

    Args:
        first: What each token is worth as the first one: unnormalised logarithms, 1 x vocabulary.
        go_on: What comes next.
        end: The token that ends a sequence.
        longest: Tokens after which what is not ended counts as it is.
        behind: How far the others may lie behind, in natural logarithms.
    """
    worth, beginnings, ended, at_least = first, [Found(0.0, [])], list[Found](), -np.inf
    for _ in range(longest):
        came_from: list[int] = []
        longer: list[Found] = []
        for row, one in _grown(beginnings, worth, at_least):
            if one.score < at_least or len(longer) == WIDTH:
                break
            if one.tokens[-1] != end:
                came_from.append(row)
                longer.append(one)
                continue
            ended.append(Found(one.score, one.tokens[:-1]))
            # No token adds to what a beginning is worth.
            at_least = max(at_least, one.score - behind)
        if not longer:
            break
        beginnings = longer
        worth = go_on(came_from, [one.tokens[-1] for one in longer])
    else:
        ended.append(beginnings[0])
    ended.sort(reverse=True)
    return [one for one in ended if one.score >= ended[0].score - behind]


def _grown(beginnings: Sequence[Found], worth: Samples, at_least: float) -> Iterator[tuple[int, Found]]:
    """What each beginning becomes with one more token, the best first, and the row that it comes from."""
    scores = np.array([[one.score] for one in beginnings]) + _log_likelihoods(worth)
    rows, tokens = np.nonzero(scores >= max(scores.max() - BEHIND, at_least))
    found = scores[rows, tokens]
    for at in np.argsort(-found):
        row = int(rows[at])
        yield row, Found(float(found[at]), [*beginnings[row].tokens, int(tokens[at])])


def _log_likelihoods(worth: Samples) -> Samples:
    below = worth - worth.max(axis=-1, keepdims=True)
    likelihoods: Samples = below - np.log(np.exp(below).sum(axis=-1, keepdims=True))
    return likelihoods
