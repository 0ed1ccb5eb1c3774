"""What buttons carry, and which ones a task has."""

from typing import Any, TypeVar

import msgspec
import pytest

from agentops.wire import Gate, GateKind, GateStatus, Priority, Task, TaskStatus
from gateway.telegram import buttons, cards
from gateway.telegram.buttons import DATA_LIMIT_BYTES, Choice, Verb
from gateway.telegram.cards import Card
from gateway.telegram.places import MessageRef, Place, message_of, turn_id
from gateway.telegram.preferring import quiet_hours, rule_of
from gateway.telegram.strangers import code_in

TASK_ID = "01a202d9-ae40-7726-820c-f0ab63c9573b"

Row = TypeVar("Row", Task, Gate)


def task(status: str, **changes: Any) -> Task:
    known = {"id": TASK_ID, "number": 12, "title": "Paint", "priority": Priority.MEDIUM}
    return _row(Task, **{**known, "status": TaskStatus(status), "cancel_requested": False, **changes})


def gate(kind: str, *options: str) -> Gate:
    known = {"id": TASK_ID, "task_id": TASK_ID, "question": "?", "status": GateStatus.OPEN}
    return _row(Gate, **known, kind=GateKind(kind), options=list(options))


def _row(row: type[Row], **known: Any) -> Row:
    nothing = {field.name: None for field in msgspec.structs.fields(row)}
    return row(**{**nothing, **known})


def labels(card: Card) -> list[list[str]]:
    return [[button.label for button in row] for row in card.buttons.rows]


@pytest.mark.parametrize("verb", Verb)
def test_every_button_is_read_back_and_fits(verb: Verb) -> None:
    choice = Choice(verb, TASK_ID, "critical")
    assert buttons.read(choice.data()) == choice
    assert len(choice.data().encode()) <= DATA_LIMIT_BYTES


@pytest.mark.parametrize("data", ["", "d", "d:", "xx:1", "d:ä", "d:" + "a" * 41, "d:1:2:3", "D:1"])
def test_what_no_button_carries_is_not_read_as_a_task(data: str) -> None:
    choice = buttons.read(data)
    assert choice is None or choice == Choice(Verb.DETAILS, "")


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("pending", ["Cancel", "Priority", "Details"]),
        ("in_progress", ["Cancel", "Details"]),
        ("blocked", ["Cancel", "Priority", "Details"]),
        ("failed", ["Retry", "Details"]),
        ("completed", ["Details"]),
        ("cancelled", ["Details"]),
    ],
)
def test_a_card_offers_what_can_truly_be_done(status: str, offered: list[str]) -> None:
    assert labels(Card(task(status))) == [offered]


def test_a_task_that_was_asked_to_stop_is_not_offered_a_stop_again() -> None:
    assert labels(Card(task("in_progress", cancel_requested=True))) == [["Details"]]


def test_questions_and_approvals_come_one_choice_a_row() -> None:
    blocked = task("blocked")
    assert labels(Card(blocked, gate("question", "A", "B")))[:3] == [["A"], ["B"], ["Other…"]]
    assert labels(Card(blocked, gate("question")))[0] == ["Answer…"]
    assert labels(Card(blocked, gate("approval")))[0] == ["✓ Approve", "✗ Deny"]
    assert labels(Card(blocked, gate("approval", "Now", "Later")))[:2] == [["Now"], ["Later"]]


@pytest.mark.parametrize(
    ("panel", "linked"),
    [
        ("https://panel.example.org", True),
        ("http://127.0.0.1:8703", False),
        ("http://localhost:8703", False),
        ("http://10.0.0.7", False),
        ("", False),
    ],
)
def test_a_link_to_the_panel_is_shown_where_telegram_takes_it(panel: str, linked: bool) -> None:
    assert cards.reachable(panel) is linked


def test_the_tasks_of_a_call_can_be_taken_back_or_put_first() -> None:
    [row] = cards.receipt([task("pending")]).rows  # type: ignore[union-attr]
    assert [button.label for button in row] == ["Undo", "Start", "Details"]
    several = cards.receipt([task("in_progress"), task("completed", number=13)])
    assert several is not None
    assert [[button.label for button in row] for row in several.rows] == [
        ["Undo 12", "Details 12"],
        ["Details 13"],
    ]
    assert cards.receipt([]) is None


def test_a_text_that_names_tasks_leads_to_each_once() -> None:
    keyboard = cards.mentioned("Task 3 waits for task 12; task 3 is late.")
    assert keyboard is not None
    assert [button.label for row in keyboard.rows for button in row] == ["Task 3", "Task 12"]
    assert cards.mentioned("Nothing.") is None


@pytest.mark.parametrize(
    ("words", "code"),
    [("ABCD2345", "ABCD2345"), (" abcd-2345 ", "ABCD2345"), ("ABCD1234", None), ("12", None), ("", None)],
)
def test_a_pairing_code_is_told_from_a_tasks_number(words: str, code: str | None) -> None:
    assert code_in(words) == code


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ("22-7", ("22:00", "07:00")),
        ("22:30 to 06:15", ("22:30", "06:15")),
        ("off", (None, None)),
        ("25-7", None),
        ("soon", None),
    ],
)
def test_quiet_hours_are_read_as_people_write_them(words: str, hours: object) -> None:
    assert quiet_hours(words) == hours


def test_a_rule_names_a_group_of_events_and_a_way() -> None:
    assert rule_of(["done", "OFF"]) == ("task.completed", "off")
    assert rule_of(["done"]) is None
    assert rule_of(["weather", "ring"]) is None
    assert rule_of(["done", "loudly"]) is None


@pytest.mark.parametrize("place", [Place(5), Place(-100123), Place(-100123, 7)])
def test_an_address_leads_back_to_its_place(place: Place) -> None:
    assert Place.at(place.address) == place


def test_a_turns_id_leads_back_to_its_message() -> None:
    message = MessageRef(-100123, 7)
    assert message_of(turn_id(4242, message)) == message
    assert message_of(turn_id(4242, message, "2")) == message
    assert message_of("turn-of-the-browser") is None
