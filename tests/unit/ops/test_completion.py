"""What the shell is offered at Tab, and that every command which tells something tells it as JSON."""

import os
import subprocess
import sys
from pathlib import Path

import typer.main

from ops.cli import app

COS = Path(sys.executable).with_name("cos")
WITHOUT = {
    "run", "mcp", "logs",  # they go on until they are stopped
    "password", "phone pin", "phone setup",  # they ask, and print a line for .env
    "migrate", "keys revoke", "person forget",  # the code says it
    "agents remove", "agents stop", "agents start",
}  # fmt: skip
"""Commands that have nothing to tell a script but how they ended."""


def offered(typed: str) -> set[str]:
    asked = {"_COS_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    ran = subprocess.run(
        [COS], env={**os.environ, **asked}, capture_output=True, text=True, check=True, timeout=60
    )
    return set(ran.stdout.split())


def test_tab_offers_commands_and_options() -> None:
    assert {"task", "telegram"} <= offered("cos t")
    assert "--priority" in offered("cos task add --p")


def test_every_command_that_tells_something_tells_it_as_json() -> None:
    without = set()
    waiting = [(typer.main.get_command(app), "")]
    while waiting:
        command, name = waiting.pop()
        if commands := getattr(command, "commands", None):
            waiting += [(below, f"{name} {word}".strip()) for word, below in commands.items()]
        elif not any("--json" in parameter.opts for parameter in command.params):
            without.add(name)
    assert {name for name in without if not name.startswith("bench")} == WITHOUT
