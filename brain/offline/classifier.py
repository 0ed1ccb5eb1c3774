"""Free speech: a sentence's vector, and a layer learned from the examples."""

import threading
from dataclasses import dataclass
from functools import cache

from brain.offline.encoder import Encoder
from brain.offline.learning import Learned, known_layer, learn, read_examples


@dataclass(frozen=True)
class Guess:
    """An intent, and how likely it is, 0 to 1."""

    intent: str
    score: float


class Classifier:
    """Holds the model and what it learned from the examples; safe to call from several threads."""

    def __init__(self, encode: Encoder, learned: Learned) -> None:
        self._encode = encode
        self._learned = learned

    def guesses(self, sentence: str) -> list[Guess]:
        """Every intent with its probability, the likeliest first."""
        row = self._learned.features.rows([sentence], self._encode([sentence]))[0]
        layer = self._learned.layer
        pairs = zip(layer.names, layer.probabilities(row).tolist(), strict=True)
        return sorted((Guess(name, score) for name, score in pairs), key=lambda guess: -guess.score)


_loading = threading.Lock()


def classifier() -> Classifier:
    """The process's one classifier. The first call takes about a second and 110 MB."""
    with _loading:
        return _load()


@cache
def _load() -> Classifier:
    encode, examples = Encoder(), read_examples()
    return Classifier(encode, known_layer(examples) or learn(encode, examples))
