"""What only looks like an order is asked about, or nothing: an act has to be borne out by what was said."""

import pytest

from brain.offline.dialogue import Said
from brain.offline.misses import Misses
from brain.offline.understanding import Understanding, Understood


def understood(text: str) -> Understood:
    return Understanding(Misses(None)).understand(Said(by_person=True, text=text))


@pytest.mark.parametrize(
    "said",
    [
        "books are expensive these days",
        "find my car keys",
        "check whether the stove is off",
        "call me a taxi",
        "task 7 is too late",
        "put the export thing on the highest priority",
        "we booked a hotel last week",
    ],
)
def test_what_is_doubtful_creates_and_answers_nothing(said: str) -> None:
    found = understood(said)
    acts = found.intent in ("create_task", "profile", "answer_task", "approve", "remind")
    assert not (acts and found.certain), found


@pytest.mark.parametrize(
    "said",
    [
        "find a caterer for the summer party",
        "book a table for six on Saturday",
        "review the rental contract by next monday",
        "todo: water the plants",
        "gimme a task to call the bank pls",
    ],
)
def test_an_order_for_a_worker_is_taken_as_one(said: str) -> None:
    found = understood(said)
    assert (found.intent, found.certain) == ("create_task", True)


def test_a_task_that_waits_for_another_is_no_answer_to_a_question() -> None:
    found = understood("task 7 can only begin when task 8 is ready")
    assert (found.intent, found.slots["n"], found.slots["other"]) == ("depends", "7", "8")
