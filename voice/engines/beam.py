"""The likeliest sequence of tokens, by beam search: several beginnings are followed beside each other.

Whoever takes the likeliest next token each time cannot take back a word that the next one makes unlikely.
"""

from collections.abc import Callable, Sequence
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
    """Tokens, without the end, and the logarithm of their likelihood."""

    score: float
    tokens: list[int]


def likeliest(first: Samples, go_on: GoOn, *, end: int, longest: int) -> Found:
    """The sequence that is worth most.

    Args:
        first: What each token is worth as the first one: unnormalised logarithms, 1 x vocabulary.
        go_on: What comes next.
        end: The token that ends a sequence.
        longest: Tokens after which what is not ended counts as it is.
    """
    worth, open_ones, ended = first, [Found(0.0, [])], Found(-np.inf, [])
    for _ in range(longest):
        came_from, open_ones, ended = _grown(open_ones, worth, ended, end)
        if not open_ones:
            return ended
        worth = go_on(came_from, [one.tokens[-1] for one in open_ones])
    return max(ended, open_ones[0])


def _grown(
    beginnings: Sequence[Found], worth: Samples, ended: Found, end: int
) -> tuple[list[int], list[Found], Found]:
    """The best beginnings that are one token longer, the rows they come from, and the best that ended."""
    scores = np.array([[one.score] for one in beginnings]) + _log_likelihoods(worth)
    rows, tokens = np.nonzero(scores >= max(scores.max() - BEHIND, ended.score))
    found = scores[rows, tokens]
    came_from: list[int] = []
    longer: list[Found] = []
    for at in np.argsort(-found):
        score, row, token = float(found[at]), int(rows[at]), int(tokens[at])
        if token == end:
            # Those that follow are worth less, and no token adds to what a beginning is worth.
            return came_from, longer, max(ended, Found(score, beginnings[row].tokens))
        came_from.append(row)
        longer.append(Found(score, [*beginnings[row].tokens, token]))
        if len(longer) == WIDTH:
            break
    return came_from, longer, ended


def _log_likelihoods(worth: Samples) -> Samples:
    below = worth - worth.max(axis=-1, keepdims=True)
    likelihoods: Samples = below - np.log(np.exp(below).sum(axis=-1, keepdims=True))
    return likelihoods
