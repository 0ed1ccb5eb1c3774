"""Which sentences say most: TextRank (Mihalcea and Tarau, 2004) over TF-IDF, without repetitions."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 1_000
"""So many sentences are compared with each other; a longer text is first ranked part by part."""
_KEPT_OF_EACH_PART = 100
_DAMPING = 0.85
_ROUNDS = 60
_FEWEST_WORDS, _MOST_WORDS = 4, 60
_OPENING = 3
_OPENING_BONUS = 1.15
_REPEATS = 0.6
_WORTH_OF_NOVELTY = 0.5

Matrix = NDArray[np.float64]


def pick(sentences: Sequence[Sequence[str]], number: int) -> list[int]:
    """The places of the sentences to keep, the most central first.

    Args:
        sentences: Each as its words.
        number: How many to keep; fewer come back if the rest would only repeat them.
    """
    candidates = list(range(len(sentences)))
    while len(candidates) > _AT_ONCE:
        parts = [candidates[start : start + _AT_ONCE] for start in range(0, len(candidates), _AT_ONCE)]
        candidates = sorted(place for part in parts for place in _best(sentences, part))
    vectors = _vectors([sentences[place] for place in candidates])
    alike = vectors @ vectors.T
    scores = _central(alike) * _weights(sentences, candidates)
    return [candidates[place] for place in _without_repeats(scores, alike, number)]


def _best(sentences: Sequence[Sequence[str]], part: list[int]) -> list[int]:
    vectors = _vectors([sentences[place] for place in part])
    scores = _central(vectors @ vectors.T) * _weights(sentences, part)
    return [part[place] for place in np.argsort(-scores, kind="stable")[:_KEPT_OF_EACH_PART]]


def _vectors(sentences: list[Sequence[str]]) -> Matrix:
    """One TF-IDF vector a sentence, of length one; words in nearly every sentence weigh nearly nothing."""
    holders = Counter(word for sentence in sentences for word in set(sentence))
    index = {word: place for place, word in enumerate(holders)}
    vectors = np.zeros((len(sentences), max(len(index), 1)))
    for row, sentence in enumerate(sentences):
        for word, times in Counter(sentence).items():
            vectors[row, index[word]] = (1 + np.log(times)) * np.log((1 + len(sentences)) / holders[word])
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths == 0, 1, lengths)


def _central(alike: Matrix) -> Matrix:
    """PageRank over the likenesses, a sentence's with itself left out."""
    links = alike.copy()
    np.fill_diagonal(links, 0)
    totals = links.sum(axis=1, keepdims=True)
    links = np.where(totals > 0, links / np.where(totals == 0, 1, totals), 1 / len(links))
    ranks = np.full(len(links), 1 / len(links))
    for _ in range(_ROUNDS):
        ranks = (1 - _DAMPING) / len(links) + _DAMPING * (ranks @ links)
    return ranks


def _weights(sentences: Sequence[Sequence[str]], places: list[int]) -> Matrix:
    """Fragments count little, endless sentences less, and what opens the text a little more."""
    weights = np.ones(len(places))
    for row, place in enumerate(places):
        length = len(sentences[place])
        if length < _FEWEST_WORDS:
            weights[row] = 0.1
        elif length > _MOST_WORDS:
            weights[row] = _MOST_WORDS / length
        if place < _OPENING:
            weights[row] *= _OPENING_BONUS
    return weights


def _without_repeats(scores: Matrix, alike: Matrix, number: int) -> list[int]:
    """Maximal marginal relevance: each next one is central, and unlike those taken."""
    left = scores / scores.max()
    taken: list[int] = []
    for _ in range(min(number, len(scores))):
        nearness = alike[:, taken].max(axis=1) if taken else np.zeros(len(scores))
        worth = np.where(nearness > _REPEATS, -np.inf, left - _WORTH_OF_NOVELTY * nearness)
        worth[taken] = -np.inf
        best = int(worth.argmax())
        if worth[best] == -np.inf:
            break
        taken.append(best)
    return taken
