"""`cos logs`: what the parts wrote."""

import asyncio
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.base import CARE, HomeOption, told_plainly

if TYPE_CHECKING:
    from ops.logfiles import Line


class Level(StrEnum):
    """The least that is shown."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def add(app: typer.Typer) -> None:
    """Put these commands into `app`."""
    app.command(rich_help_panel=CARE)(logs)


def logs(
    parts: Annotated[
        list[str] | None,
        typer.Argument(help="ledger, chief, seed, gateway, ui, postgres, redis; all by default."),
    ] = None,
    *,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last.")] = 50,
    level: Annotated[Level, typer.Option("--level", "-l", help="The least that is shown.")] = Level.INFO,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    home: HomeOption = None,
) -> None:
    """Show the last log lines of the parts, in the order of their times."""
    from ops import logfiles
    from ops.logs import LEVELS
    from ops.settings import OpsSettings

    least = LEVELS[level]

    async def go_on() -> None:
        async for line in logfiles.following(files, least=least):
            _print(line, named=len(files) > 1)

    with told_plainly():
        files = logfiles.files_of(OpsSettings.read(home=home).place, parts or ())
        for line in logfiles.last(files, count=lines, least=least):
            _print(line, named=len(files) > 1)
        if follow:
            with suppress(KeyboardInterrupt):
                asyncio.run(go_on())


def _print(line: "Line", *, named: bool) -> None:
    # The parts' own lines say whose they are; those of PostgreSQL and Redis do not.
    foreign = named and line.part in {"postgres", "redis"}
    typer.echo(f"{line.part:<8} {line.text}" if foreign else line.text)
