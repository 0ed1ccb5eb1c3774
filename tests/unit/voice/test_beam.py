"""The likeliest sequence is found, also where its first token is not the likeliest one."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from voice.engines.beam import WIDTH, likeliest
from voice.sound import Samples

END = 0
VOCABULARY = 12


class Language:
    """Which token follows which beginning how likely; what is not named shares the rest evenly."""

    def __init__(self, likely: Mapping[tuple[int, ...], Mapping[int, float]]) -> None:
        self._likely = likely
        self._beginnings: list[tuple[int, ...]] = [()]
        self.most_at_once = 1

    @property
    def first(self) -> Samples:
        """The first answer."""
        return self._worth()

    def go_on(self, came_from: Sequence[int], tokens: Sequence[int]) -> Samples:
        """As `beam.GoOn`."""
        pairs = zip(came_from, tokens, strict=True)
        self._beginnings = [(*self._beginnings[row], token) for row, token in pairs]
        self.most_at_once = max(self.most_at_once, len(tokens))
        return self._worth()

    def _worth(self) -> Samples:
        return np.array([self._row(one) for one in self._beginnings], dtype=np.float32)

    def _row(self, beginning: tuple[int, ...]) -> Samples:
        named = self._likely.get(beginning, {})
        rest = (1 - sum(named.values())) / (VOCABULARY - len(named))
        likelihoods = [named.get(token, rest) for token in range(VOCABULARY)]
        # Any constant may be added to a row: what a model gives is not normalised.
        return np.log(np.array(likelihoods, dtype=np.float32)) + np.float32(len(beginning))


def best(language: Language, *, longest: int) -> list[int]:
    """The tokens of the best sequence, which is the only one where no others are asked for."""
    (found,) = likeliest(language.first, language.go_on, end=END, longest=longest)
    return found.tokens


GARDEN_PATH = {
    (): {1: 0.5, 2: 0.4},
    (1,): {3: 0.32, 4: 0.3},
    (1, 3): {END: 0.9},
    (1, 4): {END: 0.9},
    (2,): {5: 0.9},
    (2, 5): {END: 0.9},
}


def test_what_comes_later_may_take_back_the_likeliest_beginning() -> None:
    language = Language(GARDEN_PATH)
    assert best(language, longest=10) == [2, 5]


def test_an_end_that_is_likelier_than_every_way_on_is_the_end() -> None:
    language = Language({(): {END: 0.6, 1: 0.3}, (1,): {2: 1.0 - 1e-6}, (1, 2): {END: 1.0 - 1e-6}})
    assert best(language, longest=10) == []
    assert language.most_at_once == 1


def test_an_early_end_gives_way_to_a_longer_sentence_that_is_likelier() -> None:
    language = Language({(): {1: 0.95}, (1,): {END: 0.4, 2: 0.55}, (1, 2): {END: 0.99}})
    assert best(language, longest=10) == [1, 2]


@pytest.mark.parametrize("longest", [1, 7])
def test_what_repeats_itself_for_ever_is_cut(longest: int) -> None:
    for_ever = {(1,) * length: {1: 0.99} for length in range(20)}
    language = Language(for_ever)
    assert best(language, longest=longest) == [1] * longest


def test_only_what_may_still_win_is_followed() -> None:
    undecided = Language({(): {END: 0.01}})
    best(undecided, longest=3)
    assert undecided.most_at_once == WIDTH
    sure = Language({(): {1: 0.98}, (1,): {2: 0.98}, (1, 2): {END: 0.98}})
    assert best(sure, longest=10) == [1, 2]
    assert sure.most_at_once == 1


def test_those_that_lie_little_behind_come_after_the_best_one_with_their_likelihood() -> None:
    language = Language(GARDEN_PATH)
    found = likeliest(language.first, language.go_on, end=END, longest=10, behind=1.0)
    assert [one.tokens for one in found] == [[2, 5], [1, 3], [1, 4]]
    assert [np.exp(one.score) for one in found] == pytest.approx([0.324, 0.144, 0.135])


def test_what_ends_early_does_not_hide_longer_ones_little_behind_it() -> None:
    language = Language({(): {END: 0.6, 1: 0.3}, (1,): {END: 0.9}})
    found = likeliest(language.first, language.go_on, end=END, longest=10, behind=1.0)
    assert [one.tokens for one in found] == [[], [1]]
    assert found[0].score == pytest.approx(np.log(0.6))


def test_what_else_speaks_for_a_token_decides_between_those_that_sound_alike() -> None:
    heard: list[tuple[str, int]] = []

    def add(said: str, token: int) -> tuple[str, float]:
        heard.append((said, token))
        return f"{said}{token} ", 1.0 if (said, token) == ("1 ", 4) else 0.0

    sound = Language(GARDEN_PATH)
    found = likeliest(sound.first, sound.go_on, end=END, longest=10, behind=1.0, add=add, nothing_said="")
    assert [one.tokens for one in found] == [[1, 4], [2, 5], [1, 3]]
    assert [np.exp(one.score) for one in found] == pytest.approx([0.135 * np.e, 0.324, 0.144])
    assert found[0].said == "1 4 0 "
    assert {("", 1), ("", 2), ("1 ", 3), ("1 4 ", END)} <= set(heard)
