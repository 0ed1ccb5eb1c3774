"""Which question a sentence answers, and what the answer is."""

import pytest

from brain.offline.answers import answer_of, asked_about
from brain.rows import TaskRow


def asking(number: int, title: str, *options: str) -> TaskRow:
    return TaskRow(
        number=number, id=str(number), title=title, status="blocked", priority="medium", options=list(options)
    )


VENUE = asking(5, "Choose a venue for the offsite", "Berlin", "Hamburg")
LAPTOPS = asking(9, "Order new laptops")


@pytest.mark.parametrize(
    ("said", "row"),
    [
        ("hamburg it is, lock it in", VENUE),
        ("my answer on the venue is the bigger city", VENUE),
        ("the laptops are fine by me", LAPTOPS),
    ],
)
def test_an_answer_goes_to_the_task_that_it_fits(said: str, row: TaskRow) -> None:
    assert asked_about(said, [VENUE, LAPTOPS], ()) == [row]


def test_what_was_spoken_of_last_is_answered_when_nothing_is_named() -> None:
    assert asked_about("do whatever is cheaper", [VENUE, LAPTOPS], ["9"]) == [LAPTOPS]


def test_an_answer_that_fits_several_questions_is_left_open() -> None:
    assert asked_about("do whatever is cheaper", [VENUE, LAPTOPS], ()) == [VENUE, LAPTOPS]


@pytest.mark.parametrize(
    ("said", "row", "answer"),
    [
        ("so Hamburg, no hang on, Berlin, yeah Berlin", VENUE, "Berlin"),
        ("the one by the river", VENUE, "the one by the river"),
        ("no laptops, way too expensive", LAPTOPS, "no"),
        ("go on, no problem, buy them", LAPTOPS, "yes"),
    ],
)
def test_an_answer_is_the_option_that_is_named_last_or_a_plain_yes_or_no(
    said: str, row: TaskRow, answer: str
) -> None:
    assert answer_of(said, row) == answer
