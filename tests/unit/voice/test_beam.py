"""The likeliest sequence is found, also where its first token is not the likeliest one."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from voice.engines.beam import NO_TOKENS, WIDTH, SoundAlone, likeliest
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

    class Words(SoundAlone):
        nothing_said = ""

        def add(self, said: str, token: int) -> tuple[str, float]:
            heard.append((said, token))
            return f"{said}{token} ", 1.0 if (said, token) == ("1 ", 4) else 0.0

    sound = Language(GARDEN_PATH)
    found = likeliest(sound.first, sound.go_on, end=END, longest=10, behind=1.0, language=Words())
    assert [one.tokens for one in found] == [[1, 4], [2, 5], [1, 3]]
    assert [np.exp(one.score) for one in found] == pytest.approx([0.135 * np.e, 0.324, 0.144])
    assert found[0].said == "1 4 0 "
    assert {("", 1), ("", 2), ("1 ", 3), ("1 4 ", END)} <= set(heard)


class Hoping(SoundAlone):
    """For one sequence of tokens: each of them is worth something until another comes instead."""

    nothing_said: tuple[int, ...] = ()

    def __init__(self, *tokens: int, worth: float) -> None:
        self._tokens = tokens
        self._worth = worth

    def add(self, said: tuple[int, ...], token: int) -> tuple[tuple[int, ...], float]:
        return (*said, token), 0.0

    def favour(self, said: tuple[int, ...]) -> float:
        both = min(len(said), len(self._tokens))
        return both * self._worth if said[:both] == self._tokens[:both] else 0.0

    def hoped_for(self, said: tuple[int, ...]) -> tuple[NDArray[np.int64], Samples]:
        if len(said) >= len(self._tokens) or said != self._tokens[: len(said)]:
            return NO_TOKENS
        return np.array([self._tokens[len(said)]]), np.array([self._worth], np.float32)


HARDLY_LIKELY = {
    (): {1: 0.97, 2: 0.02},
    (1,): {3: 0.95},
    (1, 3): {END: 0.95},
    (2,): {4: 0.95},
    (2, 4): {END: 0.95},
    (2, 5): {END: 0.95},
}


@pytest.mark.parametrize(("worth", "tokens"), [(1.5, [1, 3]), (2.5, [2, 4])])
def test_what_is_hoped_for_is_followed_although_it_is_hardly_likely(worth: float, tokens: list[int]) -> None:
    sound = Language(HARDLY_LIKELY)
    (found,) = likeliest(sound.first, sound.go_on, end=END, longest=10, language=Hoping(2, 4, worth=worth))
    assert found.tokens == tokens
    assert found.favour == (2 * worth if tokens == [2, 4] else 0)
    by_sound = 0.02 * 0.95 * 0.95 if tokens == [2, 4] else 0.97 * 0.95 * 0.95
    assert found.score - found.favour == pytest.approx(np.log(by_sound), abs=1e-5)


def test_what_was_hoped_for_in_vain_does_not_hide_what_was_said() -> None:
    in_vain = {
        (): {1: 0.97, 2: 0.02},
        (1,): {3: 0.95},
        (1, 3): {END: 0.95},
        (2,): {6: 0.99},
        (2, 6): {END: 0.99},
    }
    sound = Language(in_vain)
    (found,) = likeliest(sound.first, sound.go_on, end=END, longest=10, language=Hoping(2, 4, worth=6.0))
    assert (found.tokens, found.favour) == ([1, 3], 0)
    assert sound.most_at_once <= 4
