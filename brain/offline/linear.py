"""A linear layer over a sentence's features: which intent, and how sure.

The same examples always give the same layer, so it is kept beside them: `python -m brain.offline.learning`
writes it. One that does not fit the examples any more is fitted anew when the process starts, in seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

# Found by leaving parts of the examples out: what was left out is understood best with these.
_STEPS = 150
_RATE = 0.5
_MOMENTUM = 0.9
_DECAY = 1e-3


@dataclass(frozen=True)
class Linear:
    """Softmax regression: one column of `weights` and one of `bias` for each name."""

    names: Sequence[str]
    weights: Vectors
    bias: Vectors

    @classmethod
    def fitted(cls, rows: Vectors, labels: Sequence[str]) -> Self:
        """Learned from `rows`, one for each label.

        Rare intents weigh more, so that frequent ones do not swallow them.
        """
        names = sorted(set(labels))
        place = {name: at for at, name in enumerate(names)}
        wanted = np.array([place[label] for label in labels])
        return cls(names, *_fit(rows, wanted, len(names)))

    def probabilities(self, row: Vectors) -> Vectors:
        """One for each of `names`, for one sentence; they sum to 1."""
        scores = (row[None, :] @ self.weights + self.bias).astype(np.float32)
        found: Vectors = _softmax(scores)[0]
        return found


def _fit(rows: Vectors, wanted: npt.NDArray[np.int64], count: int) -> tuple[Vectors, Vectors]:
    weights = np.zeros((rows.shape[1], count), dtype=np.float32)
    bias = np.zeros(count, dtype=np.float32)
    pull, bias_pull = np.zeros_like(weights), np.zeros_like(bias)
    right = np.eye(count, dtype=np.float32)[wanted]
    rarity = 1 / np.sqrt(np.bincount(wanted, minlength=count))[wanted]
    share = (rarity / rarity.sum()).astype(np.float32)[:, None]
    for _ in range(_STEPS):
        error = (_softmax(rows @ weights + bias) - right) * share
        pull = _MOMENTUM * pull + rows.T @ error + _DECAY * weights
        bias_pull = _MOMENTUM * bias_pull + error.sum(axis=0)
        weights -= _RATE * pull
        bias -= _RATE * bias_pull
    return weights, bias


def _softmax(scores: Vectors) -> Vectors:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Vectors = raised / raised.sum(axis=1, keepdims=True)
    return found
