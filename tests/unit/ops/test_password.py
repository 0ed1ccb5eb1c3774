"""`cos password`: the line for .env, and never the password."""

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ui.passwords import matches

CHOSEN = "correct horse battery"


def test_the_line_for_env_opens_with_the_password_and_does_not_show_it() -> None:
    result = CliRunner().invoke(app, ["password"], input=f"{CHOSEN}\n{CHOSEN}\n")
    assert result.exit_code == 0
    assert CHOSEN not in result.output
    line = result.output.strip().splitlines()[-1]
    name, _, hashed = line.partition("=")
    assert name == "UI_PASSWORD_HASH"
    assert matches(CHOSEN, hashed.strip("'"))


@pytest.mark.parametrize("short", ["a", "eleven char"])
def test_a_short_one_is_refused_with_the_reason(short: str) -> None:
    result = CliRunner().invoke(app, ["password"], input=f"{short}\n{short}\n")
    assert result.exit_code != 0
    assert "12 to 500 characters" in result.output
