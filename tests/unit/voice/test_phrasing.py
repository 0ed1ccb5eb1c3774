"""Pairs of words that are said to an assistant speak for the tokens that spell them."""

import math
from pathlib import Path

import pytest

from voice.engines import phrasing
from voice.engines.phrasing import NOTHING_SAID, Phrasing, pairs

TOKENS = ["<end>", "_Re", "mind", "_me", "_Or", "_my", "_meat", ",", ".", "_me."]
END = 0


def worth(*tokens: int) -> float:
    """Of all of them together, in pairs' own measure."""
    language, said, total = Phrasing(TOKENS, blank="_", end=END), NOTHING_SAID, 0.0
    for token in tokens:
        said, more = language.add(said, token)
        total += more
    return total / phrasing._WEIGHT


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "phrasing.txt").write_text("<s> remind 3.5\nme </s> 2.0\nor my 0.5\nremind me 6.8\n")
    monkeypatch.setattr(phrasing, "files", lambda _: tmp_path)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([1, 2], 0.0),
        ([1, 2, 3], 3.5),
        ([1, 2, 7, 3], 3.5),
        ([1, 2, 3, END], 3.5 + 6.8 + 2.0),
        ([1, 2, 9, END], 3.5 + 6.8 + 2.0),
        ([1, 2, 3, 8, END], 3.5 + 6.8 + 2.0),
        ([4, 5, 6, END], 0.5),
        ([END], 0.0),
    ],
)
def test_a_pair_counts_once_its_second_word_is_complete(tokens: list[int], expected: float) -> None:
    assert worth(*tokens) == pytest.approx(expected)


def likelier(sentences: list[str]) -> dict[str, float]:
    """Pairs of words, and how many times likelier they are than any word."""
    return {f"{word} {other}": math.exp(worth) for word, other, worth in pairs(sentences)}


def test_pairs_are_those_that_two_say_by_how_much_likelier_they_are_than_any_word() -> None:
    said = ["Remind me, please!", "remind me", "Remind us."]
    assert likelier(said) == pytest.approx(
        {"<s> remind": (3 - 0.7) / 3 * 1000, "remind me": (2 - 0.7) / 3 * 1000}
    )


def test_a_pair_that_is_rarer_than_any_word_is_left_out() -> None:
    assert likelier(["the cat"] * 2 + ["the dog"] * 2000) == pytest.approx(
        {
            "<s> the": 2001.3 / 2002 * 1000,
            "cat </s>": 1.3 / 2 * 1000,
            "dog </s>": 1999.3 / 2000 * 1000,
            "the dog": 1999.3 / 2002 * 1000,
        }
    )
