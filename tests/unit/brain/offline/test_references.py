"""A task is named by the words of its title, whatever else the sentence says."""

import pytest

from brain.offline.references import CLEARLY_NAMED, in_the_state_of, named_in
from brain.rows import TaskRow

TITLES = {
    1: ("Analyse sales.csv", "completed"),
    2: ("Compare the insurance offers", "failed"),
    3: ("Translate the brochure into German", "pending"),
    4: ("Order new laptops", "blocked"),
}
ROWS = [
    TaskRow(number=number, id=str(number), title=title, status=status, priority="medium")
    for number, (title, status) in TITLES.items()
]


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("pull the plug on the brochure we're not doing that this year", 3),
        ("drop the translation, nobody needs it", 3),
        ("give that insurance business another whirl", 2),
        ("the laptop can wait", 4),
    ],
)
def test_one_word_of_the_title_is_enough(said: str, number: int) -> None:
    assert [row.number for row in named_in(said, ROWS)] == [number]


def test_words_of_no_title_name_nothing() -> None:
    assert named_in("what a lovely morning", ROWS) == []


def test_the_verb_of_a_title_alone_does_not_name_it_clearly() -> None:
    assert named_in("order fifty posts", ROWS, least=CLEARLY_NAMED) == []


def test_a_task_is_named_by_how_it_stands() -> None:
    assert [row.number for row in in_the_state_of("the one that failed, run it again", ROWS)] == [2]
