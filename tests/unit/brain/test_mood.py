"""What only sounds like an order, and what is one."""

import pytest

from brain.offline.mood import asked_straight, is_forbidden, is_mere_talk


@pytest.mark.parametrize(
    "talk",
    [
        "What if we cancelled the fence?",
        "I wish somebody would order the laptops",
        "If it rains we might not need the fence",
        "My sister cancelled her wedding",
        "He said the report was late",
        "Does cancelling a task delete its files?",
        "How do I delete a project?",
        "You'd make a good butler",
        "Book me a cruise in my dreams",
        "Order, order!",
        "Measure twice, cut once",
        "Did you ever fix the printer?",
    ],
)
def test_talk_about_a_deed_is_no_order(talk: str) -> None:
    assert is_mere_talk(talk)


@pytest.mark.parametrize(
    "order",
    [
        "Cancel the fence",
        "My boss wants the report by Friday",
        "Have someone fix the gate",
        "Order new laptops",
        "If the report is done, send it to me",
        "Our project Home needs a budget",
        "You should book a room",
        "Can you fix the printer?",
        "Would you write to the bank?",
    ],
)
def test_an_order_is_an_order(order: str) -> None:
    assert not is_mere_talk(order)
    assert not is_forbidden(order)


@pytest.mark.parametrize(
    "said",
    ["Don't touch the checkout page", "No, leave the fence as it is", "Under no circumstances sell it"],
)
def test_what_is_forbidden_is_not_done(said: str) -> None:
    assert is_forbidden(said)


@pytest.mark.parametrize(
    "said", ["Don't forget to call Ann", "Don't spend more than 50 dollars", "Do not do task 3"]
)
def test_a_negation_can_be_an_order_of_its_own(said: str) -> None:
    assert not is_forbidden(said)


def test_a_question_loses_what_stands_before_it() -> None:
    assert asked_straight("I'd quite like to know how far the flights are") == "how far the flights are"
    assert asked_straight("tell me a story") == "tell me a story"
