"""What is learned from the examples is kept, and is of no use once they changed."""

from pathlib import Path

import numpy as np
import pytest

from brain.offline import learning
from brain.offline.features import Features
from brain.offline.learning import Learned
from brain.offline.linear import Linear


def test_what_was_learned_fits_the_examples_as_they_are() -> None:
    assert learning.known_layer(learning.read_examples()), "the examples changed: run `make docs`"


def test_a_layer_of_other_examples_is_not_used() -> None:
    assert learning.known_layer([*learning.read_examples(), ("greet", "ahoy")]) is None


def test_a_layer_is_read_as_it_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = [("greet", "hello"), ("thank", "thanks")]
    layer = Linear(["greet", "thank"], np.eye(2, dtype=np.float32), np.array([0.5, 1], dtype=np.float32))
    learned = Learned(Features({"hello": 0, "hello there": 1}), layer)
    monkeypatch.setattr(learning, "_folder", lambda: tmp_path)
    learning.keep(learned, examples, tmp_path / learning.KEPT)

    again = learning.known_layer(examples)

    assert again is not None
    assert again.features == learned.features
    assert again.layer.names == layer.names
    np.testing.assert_array_equal(again.layer.weights, layer.weights)
    np.testing.assert_array_equal(again.layer.bias, layer.bias)


def test_a_broken_file_is_learned_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / learning.KEPT).write_bytes(b"no archive")
    monkeypatch.setattr(learning, "_folder", lambda: tmp_path)
    assert learning.known_layer([("greet", "hello")]) is None
