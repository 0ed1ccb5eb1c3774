"""From what a model writes to what is said, piece by piece."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.backchannel import only_listening
from voice.sentences import SentenceCutter
from voice.speakable import speakable


def cut(*pieces: str) -> list[str]:
    cutter = SentenceCutter()
    return [sentence for piece in pieces for sentence in cutter.feed(piece)] + [
        rest for rest in [cutter.rest()] if rest
    ]


def test_sentences_come_as_soon_as_something_follows() -> None:
    cutter = SentenceCutter()
    assert cutter.feed("It is done.") == []
    assert cutter.feed(" And") == ["It is done."]
    assert cutter.rest() == "And"


def test_a_title_or_an_initial_ends_no_sentence() -> None:
    assert cut("Well. Ask Dr. Brown or J. Smith. They know.") == [
        "Well.",
        "Ask Dr. Brown or J. Smith.",
        "They know.",
    ]


def test_a_long_first_clause_is_said_before_its_sentence_is_there() -> None:
    pieces = ("I have created the task ", "for you, and", " it is due tomorrow.")
    assert cut(*pieces) == ["I have created the task for you,", "and it is due tomorrow."]


def test_only_the_first_is_cut_at_a_clause() -> None:
    text = "Good. I have created the task for you, and it is due tomorrow."
    assert cut(text) == ["Good.", "I have created the task for you, and it is due tomorrow."]


def test_what_looks_complete_is_ready_when_the_stream_stalls() -> None:
    cutter = SentenceCutter()
    cutter.feed("It is done.")
    assert cutter.looks_complete
    assert cutter.ready() == "It is done."
    cutter.feed("Ask Dr.")
    assert cutter.ready() is None


@given(st.lists(st.text(alphabet="ab .,!?\n", max_size=12)))
def test_no_word_is_lost_or_said_twice(pieces: list[str]) -> None:
    assert " ".join(" ".join(cut(*pieces)).split()).replace(" ", "") == "".join("".join(pieces).split())


def test_a_text_without_any_stop_is_said_in_bounded_parts() -> None:
    assert max(len(one) for one in cut("word " * 500)) <= 240


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Done.** See [the panel](https://example.com/x) now.", "Done. See the panel now."),
        ("# Title\n\n- one\n- two", "Title. one. two"),
        ("1. First\n2. Second", "First. Second"),
        ("Task #12 is 50% done.", "Task number 12 is 50 percent done."),
        ("See https://www.example.com/a?b=c today", "See a link to example.com today"),
        ("Use `make test` or ```x = 1``` now", "Use make test or (some code, which is in the chat) now"),
        ("It is 3 * 4 and and/or a/b.", "It is 3 times 4 and or a or b."),
        ("Open 24/7, from 12/24.", "Open 24/7, from 12/24."),
        ("Created 0f8fad5b-d9cd-469f-a165-70867728950e.", "Created a long id."),
        ("| a | b |", "a, b"),
        ("Due Mon 23 Nov, or Thu, 26 Nov.", "Due Monday 23 Nov, or Thursday, 26 Nov."),
        ("The Sun is out; ask Wed about it.", "The Sun is out; ask Wed about it."),
        ("snake_case_name", "snake case name"),
        ("Your code is K7XQ9ZRT.", "Your code is K, 7, X, Q, 9, Z, R, T."),
        ("I have it as S-M-I-T-H.", "I have it as S, M, I, T, H."),
        ("Flight BA249, key AB12-CD34.", "Flight B, A, 2, 4, 9, key A, B, 1, 2, C, D, 3, 4."),
        ("QWXKZRTP", "Q, W, X, K, Z, R, T, P"),
        ("Code: 482133, order 12345.", "Code: 4, 8, 2, 1, 3, 3, order 12345."),
        ("WEB-123, COVID-19, HTML, B2B, A4.", "WEB-123, COVID-19, HTML, B2B, A4."),
        ("At 10AM, 16GB, the 21ST.", "At 10AM, 16GB, the 21ST."),
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"),
        ("Well done \U0001f389!", "Well done!"),
        ("<b>Bold</b> move", "Bold move"),
        ("---", ""),
        ("", ""),
    ],
)
def test_it_is_said_as_one_would_say_it(written: str, said: str) -> None:
    assert speakable(written) == said


@given(st.text(max_size=200))
def test_nothing_is_left_that_an_engine_would_spell(text: str) -> None:
    assert not set(speakable(text)) & set("*_`#|<>{}[]\\^~\n")


@given(st.text(max_size=80))
def test_what_is_speakable_stays_as_it_is(text: str) -> None:
    once = speakable(text)
    assert speakable(once) == once


@pytest.mark.parametrize(
    ("text", "left", "listening"),
    [
        ("Mm-hmm.", 1, True),
        ("Okay.", 3, True),
        ("Yes.", 1, False),
        ("Okay, stop.", 3, False),
        ("No.", 3, False),
        ("4711", 3, False),
        ("...", 1, True),
    ],
)
def test_a_nod_is_told_from_an_interruption(text: str, left: int, listening: bool) -> None:
    assert only_listening(text, left) is listening
