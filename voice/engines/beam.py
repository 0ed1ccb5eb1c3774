"""The likeliest sequences of tokens, by beam search: several beginnings are followed beside each other.

Whoever takes the likeliest next token each time cannot take back a word that the next one makes unlikely.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from voice.sound import Samples

GoOn = Callable[[Sequence[int], Sequence[int]], Samples]
"""Given the row of its last answer that each beginning comes from, and the token that it adds: what every
token would be worth as the next one, a row of unnormalised logarithms (float32) for each beginning."""

Add = Callable[[Any, int], tuple[Any, float]]
"""Given what is known of what a beginning says, and the token that it adds: the same with the token, and what
speaks for it besides the sound, in natural logarithms."""

WIDTH = 8
"""Beginnings at a time, at most."""
BEHIND = 3.0
"""How far a beginning may lie behind the best one, in natural logarithms: a twentieth of its likelihood."""


class Found(NamedTuple):
    """Tokens, the logarithm of their likelihood, and what is known of what they say."""

    score: float
    tokens: list[int]
    said: Any = None


def _sound_alone(said: Any, _token: int) -> tuple[Any, float]:
    return said, 0.0


def likeliest(
    first: Samples,
    go_on: GoOn,
    *,
    end: int,
    longest: int,
    behind: float = 0.0,
    add: Add = _sound_alone,
    nothing_said: Any = None,
) -> list[Found]:
    """The sequence that is worth most, and those that lie little behind it; the best one first.

    None has the token that ends it.

    Args:
        first: What each token is worth as the first one: unnormalised logarithms, 1 x vocabulary.
        go_on: What comes next.
        end: The token that ends a sequence.
        longest: Tokens after which what is not ended counts as it is.
        behind: How far the others may lie behind, in natural logarithms.
        add: What speaks for a token besides the sound.
        nothing_said: What `add` knows of no tokens.
    """
    worth, beginnings, ended, at_least = first, [Found(0.0, [], nothing_said)], list[Found](), -np.inf
    for _ in range(longest):
        came_from: list[int] = []
        longer: list[Found] = []
        for row, one in _grown(beginnings, worth, add):
            if one.score < at_least or len(longer) == WIDTH:
                break
            if one.tokens[-1] != end:
                came_from.append(row)
                longer.append(one)
                continue
            ended.append(Found(one.score, one.tokens[:-1], one.said))
            # What comes later hardly adds to what a beginning is worth: no sound does, words do a little.
            at_least = max(at_least, one.score - behind)
        if not longer:
            break
        beginnings = longer
        worth = go_on(came_from, [one.tokens[-1] for one in longer])
    else:
        ended.append(beginnings[0])
    ended.sort(reverse=True)
    return [one for one in ended if one.score >= ended[0].score - behind]


def _grown(beginnings: Sequence[Found], worth: Samples, add: Add) -> list[tuple[int, Found]]:
    """What each beginning becomes with one more token, the best first, and the row that it comes from."""
    scores = np.array([[one.score] for one in beginnings]) + _log_likelihoods(worth)
    rows, tokens = np.nonzero(scores >= scores.max() - BEHIND)
    grown = []
    for row, token in zip(rows.tolist(), tokens.tolist(), strict=True):
        before = beginnings[row]
        said, more = add(before.said, token)
        grown.append((row, Found(float(scores[row, token]) + more, [*before.tokens, token], said)))
    return sorted(grown, key=lambda one: -one[1].score)


def _log_likelihoods(worth: Samples) -> Samples:
    below = worth - worth.max(axis=-1, keepdims=True)
    likelihoods: Samples = below - np.log(np.exp(below).sum(axis=-1, keepdims=True))
    return likelihoods
