"""Words wrong of words said, in whatever spelling an engine prefers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.scoring import word_errors


@pytest.mark.parametrize(
    ("said", "heard", "wrong", "words"),
    [
        ("call the plumber", "Call the plumber.", 0, 3),
        ("at three in the afternoon", "At 3 in the afternoon", 0, 5),
        ("twenty one tasks", "21 tasks", 0, 3),
        ("I do not know", "I don't know", 0, 4),
        ("that is all", "That\u2019s all, um.", 0, 3),
        ("doctor brown", "Dr. Brown", 0, 2),
        ("four queen of clubs", "Four queen of gloves", 1, 4),
        ("cancel it", "canceled it", 1, 2),
        ("the labour of ten meters", "the labor of ten metres", 0, 5),
        ("they realized she cancelled", "they realised she canceled", 0, 4),
        ("four of the hours", "for of the hors", 2, 4),
        ("rise and travel", "rize and travels", 2, 3),
        ("tell anna", "\"'Tell Anna.'", 0, 2),
        ("the parents' evening", "the parents evening", 0, 3),
        ("one two three", "one three", 1, 3),
        ("one three", "one two three", 1, 2),
        ("at 15:30 in 2030", "at 1530 in 2030", 2, 5),
        ("anything", "", 1, 1),
        ("", "anything", 1, 0),
    ],
)
def test_errors_are_counted_in_words_and_not_in_spellings(
    said: str, heard: str, wrong: int, words: int
) -> None:
    assert word_errors(said, heard) == (wrong, words)


@given(st.text(alphabet="ab' 0129.,"))
def test_what_was_understood_to_the_letter_has_no_errors(text: str) -> None:
    assert word_errors(text, text.upper())[0] == 0
