"""The `cos` command: brings everything up on one machine, runs one part, talks to what runs.

One module a topic. A module either has `app`, a group of commands under the name given here, or `add`, which
puts its commands beside each other at the top. Each command imports what it needs inside its own body:
`cos run` must not carry the weight of the others.
"""

import typer

from ops.bench.cli import app as bench
from ops.cli import (
    agents,
    backups,
    deploy,
    doctor,
    evals,
    keys,
    logs,
    pair,
    person,
    phone,
    serving,
    skills,
    talking,
    task,
    telegram,
)
from ops.cli.base import CARE, SET_UP, WORK, told_plainly

HELP = "Your Chief of Staff: start it, talk to it, look after it."

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=HELP)
for topic in (serving, talking, phone, doctor, logs, backups, deploy, evals):
    topic.add(app)
app.add_typer(task.app, name="task", rich_help_panel=WORK)
app.add_typer(agents.app, name="agents", rich_help_panel=WORK)
app.add_typer(skills.app, name="skills", rich_help_panel=WORK)
app.add_typer(keys.app, name="keys", rich_help_panel=SET_UP)
app.add_typer(pair.app, name="pair", rich_help_panel=SET_UP)
app.add_typer(person.app, name="person", rich_help_panel=CARE)
app.add_typer(phone.app, name="phone", rich_help_panel=SET_UP)
app.add_typer(telegram.app, name="telegram", rich_help_panel=SET_UP)
app.add_typer(bench, name="bench", rich_help_panel="Measure")


def main() -> None:
    """Entry point of `cos`."""
    app()


__all__ = ["app", "main", "told_plainly"]
