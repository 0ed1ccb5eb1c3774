"""Hints speak for the tokens that spell their words, and take back what does not become one."""

import pytest

from voice.engines import hints, phrasing
from voice.engines.beam import Language
from voice.engines.hints import Hinted, Hints, Spelling, hinted_words
from voice.engines.phrasing import Phrasing

TOKENS = [
    "<end>",
    "_Ko",
    "w",
    "als",
    "ki",
    "_",
    "_ko",
    "sky",
    "_call",
    "'s",
    ",",
    "_Kö",
    "-",
    "_K",
    "owalski",
]
END = 0


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrasing, "_WEIGHT", 0.0)
    monkeypatch.setattr(hints, "_RARE", 1.0)
    monkeypatch.setattr(hints, "_COMMON", 0.5)
    monkeypatch.setattr(hints, "_AT_MOST", 9.0)


def listening_for(*phrases: str) -> Hinted:
    known = Hints(phrases, Spelling(TOKENS, blank="_"), rare=lambda word: word != "invoice")
    return Hinted(Phrasing(TOKENS, blank="_", end=END), known)


def favours(language: Language, *tokens: int) -> list[float]:
    """After each token."""
    said, found = language.nothing_said, []
    for token in tokens:
        said, more = language.add(said, token)
        assert more == 0
        found.append(language.favour(said))
    return found


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([1, 2, 3, 4, END], [2, 3, 6, 8, 8]),
        ([1, 7, 8, END], [2, 0, 0, 0]),
        ([1, 2, 3, 4, 9, 8, END], [2, 3, 6, 8, 8, 8, 8]),
        ([1, 2, 3, 4, 10, 8], [2, 3, 6, 8, 8, 8]),
        ([1, 2, 3, 4, 1, 2, 3, 4, END], [2, 3, 6, 8, 8, 8, 8, 8, 8]),
        ([8, 12, 2, 3], [0, 0, 0, 0]),
        ([11, 2, 3, 4], [2, 3, 6, 8]),
        ([END], [0]),
    ],
    ids=["word", "other word", "possessive", "comma", "once only", "joined", "accents", "nothing"],
)
def test_a_beginning_is_lent_its_share_until_the_word_is_complete(
    tokens: list[int], expected: list[float]
) -> None:
    assert favours(listening_for("the Kowalski contract"), *tokens) == pytest.approx(expected)


def test_the_end_of_a_sentence_begins_no_word() -> None:
    assert favours(listening_for("end", "Kowalski"), 1, 2, 3, 4, END) == pytest.approx([2, 3, 6, 8, 8])


def test_a_word_that_a_hyphen_joins_counts_once_it_is_complete() -> None:
    assert favours(listening_for("Kowalski"), 1, 2, 3, 4, 12, 2, END)[-1] == pytest.approx(8)


def hoped_for(language: Language, *tokens: int) -> dict[str, float]:
    said = language.nothing_said
    for token in tokens:
        said, _ = language.add(said, token)
    numbers, more = language.hoped_for(said)
    return dict(zip((TOKENS[number] for number in numbers), more.tolist(), strict=True))


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([], {"_Ko": 2, "_ko": 2, "_Kö": 2, "_K": 1}),
        ([8], {"_Ko": 2, "_ko": 2, "_Kö": 2, "_K": 1}),
        ([1], {"w": 1, "_Ko": 0, "_ko": 0, "_Kö": 0, "_K": -1}),
        ([13], {"owalski": 7, "_Ko": 1, "_ko": 1, "_Kö": 1, "_K": 0}),
        ([13, 14], {"_Ko": 2, "_ko": 2, "_Kö": 2, "_K": 1}),
    ],
)
def test_what_goes_on_with_a_word_or_begins_one_is_hoped_for(
    tokens: list[int], expected: dict[str, float]
) -> None:
    assert hoped_for(listening_for("Kowalski"), *tokens) == pytest.approx(expected)


def test_what_is_hoped_for_is_what_it_adds() -> None:
    language = listening_for("Kowalski")
    for before in ([], [1], [1, 2], [13]):
        at = ([0.0, *favours(language, *before)])[-1]
        for token, more in hoped_for(language, *before).items():
            after = favours(language, *before, TOKENS.index(token))[-1]
            assert after - at == pytest.approx(more), (before, token)


def test_what_every_list_has_is_worth_less_and_no_word_too_much() -> None:
    known = Hints(["Invoice Wolfeschlegelstein"], Spelling(TOKENS, blank="_"), rare=lambda word: "w" in word)
    assert known.words() == {"invoice": 3.5, "wolfeschlegelstein": 9.0}
    assert known.lent("wolf") == pytest.approx(2)


def test_words_are_those_that_carry_meaning_each_once() -> None:
    phrases = ["Call Mrs. Müller-Öz about the lease", "Müller's lease, №2", "Jo's"]
    assert hinted_words(phrases) == {"mrs": "Mrs", "muller": "Müller", "lease": "lease"}
    assert len(hinted_words(f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(676))) == hints.MOST


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Ask petrovic's wife, Muller.", "Ask Petrović's wife, Müller."),
        ("the Invoice for O'Brien and obrien", "the Invoice for O'Brien and obrien"),
        ("Restart the Nginx, KUBECTL-petrovic", "Restart the Nginx, KUBECTL-Petrović"),
        ("petrovics", "petrovics"),
    ],
)
def test_a_name_is_written_as_it_is_in_the_hints(heard: str, written: str) -> None:
    phrases = ["Petrović passport", "invoice Müller", "O'Brien", "kubectl"]
    known = Hints(phrases, Spelling(TOKENS, blank="_"), rare=lambda word: word != "invoice")
    assert known.as_written(heard) == written
