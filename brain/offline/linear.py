"""A linear layer over sentence vectors: which intent, and how sure.

Fitted when the process starts, in about a third of a second, so that examples can be added without any step
of training. The same examples always give the same layer.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

# Found by leaving parts of the examples out: what was left out is understood best with these.
_STEPS = 150
_RATE = 0.5
_MOMENTUM = 0.9
_DECAY = 1e-3
_SCALE = 8.0
"""Unit vectors of one language lie close together; this spreads them."""


class Linear:
    """Softmax regression. Rare intents weigh more, so that frequent ones do not swallow them."""

    def __init__(self, vectors: Vectors, labels: Sequence[str]) -> None:
        """`vectors` has one row for each label."""
        self.names = sorted(set(labels))
        place = {name: at for at, name in enumerate(self.names)}
        wanted = np.array([place[label] for label in labels])
        self._weights, self._bias = _fit(vectors * np.float32(_SCALE), wanted, len(self.names))

    def probabilities(self, vector: Vectors) -> Vectors:
        """One for each of `names`, for one sentence; they sum to 1."""
        scores = (vector[None, :] * _SCALE @ self._weights + self._bias).astype(np.float32)
        found: Vectors = _softmax(scores)[0]
        return found


def _fit(vectors: Vectors, wanted: npt.NDArray[np.int64], count: int) -> tuple[Vectors, Vectors]:
    weights = np.zeros((vectors.shape[1], count), dtype=np.float32)
    bias = np.zeros(count, dtype=np.float32)
    pull, bias_pull = np.zeros_like(weights), np.zeros_like(bias)
    right = np.eye(count, dtype=np.float32)[wanted]
    rarity = 1 / np.sqrt(np.bincount(wanted, minlength=count))[wanted]
    share = (rarity / rarity.sum()).astype(np.float32)[:, None]
    for _ in range(_STEPS):
        error = (_softmax(vectors @ weights + bias) - right) * share
        pull = _MOMENTUM * pull + vectors.T @ error + _DECAY * weights
        bias_pull = _MOMENTUM * bias_pull + error.sum(axis=0)
        weights -= _RATE * pull
        bias -= _RATE * bias_pull
    return weights, bias


def _softmax(scores: Vectors) -> Vectors:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Vectors = raised / raised.sum(axis=1, keepdims=True)
    return found
