"""Commands as people type them."""

import pytest

from gateway.telegram import answers
from gateway.telegram.commands import COMMANDS, Route, parse


@pytest.mark.parametrize(
    ("typed", "name", "text"),
    [
        ("/task write the minutes", "task", "/task write the minutes"),
        ("/Task write", "task", "/task write"),
        ("/task@chief_bot write", "task", "/task write"),
        ("/task\ntwo\nlines", "task", "/task two\nlines"),
        ("  /status  ", "status", "/status"),
        ("/nonsense", "nonsense", "/nonsense"),
    ],
)
def test_a_command_is_read_however_it_is_typed(typed: str, name: str, text: str) -> None:
    command = parse(typed)
    assert command is not None
    assert (command.name, command.text) == (name, text)


@pytest.mark.parametrize(
    "words", ["/etc/hosts is broken", "/", "// comment", "a /task in the middle", "", "/-x"]
)
def test_words_that_only_look_like_a_command_are_words(words: str) -> None:
    assert parse(words) is None


def test_status_and_stop_go_past_the_queue() -> None:
    assert {command.name for command in COMMANDS if command.route is Route.CONTROL} == {"status", "stop"}


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("/task paint", ["/task paint"]),
        ("/task paint\ncall Bob due:friday", ["/task paint", "/task call Bob due:friday"]),
        ("/task\n- paint\n• call\n2. write", ["/task paint", "/task call", "/task write"]),
        ("/task paint\n/task call", ["/task paint", "/task call"]),
        ("/task the report\n\nIt is about paint.", ["/task the report\n\nIt is about paint."]),
        ("/tasks paint\ncall", ["/tasks paint\ncall"]),
    ],
)
def test_each_line_of_a_task_message_is_a_task_unless_an_empty_one_sets_a_description_off(
    typed: str, texts: list[str]
) -> None:
    command = parse(typed)
    assert command is not None
    assert list(command.texts) == texts


def test_help_and_the_answer_to_an_unknown_command_name_every_command() -> None:
    for command in COMMANDS:
        assert f"/{command.name}" in answers.help_text()
        assert f"/{command.name}" in answers.unknown("nonsense")
