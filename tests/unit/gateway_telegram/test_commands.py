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


def test_status_goes_past_the_queue_and_only_the_channels_own_commands_stay_here() -> None:
    routes = {command.name: command.route for command in COMMANDS}
    assert routes["status"] is Route.CONTROL
    assert {name for name, route in routes.items() if route is Route.HERE} == {"start", "help", "whoami"}


def test_help_and_the_answer_to_an_unknown_command_name_every_command() -> None:
    for command in COMMANDS:
        assert f"/{command.name}" in answers.help_text()
        assert f"/{command.name}" in answers.unknown("nonsense")
