"""What every command shares: its options, how it prints, how it says what went wrong."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from ops.errors import OpsError

if TYPE_CHECKING:
    from agentops import AgentOpsClient

T = TypeVar("T")

HomeOption = Annotated[Path | None, typer.Option(help="Where the data lies, instead of COS_HOME.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
BasePortOption = Annotated[
    int | None, typer.Option(min=1024, max=65532, help="First of four ports, instead of 8700.")
]

SERVE, WORK, CARE, SET_UP = "Run", "Work with it", "Look after it", "Set up"
"""The panels of `cos --help`."""


def print_json(found: object) -> None:
    """One line of JSON on stdout, for any msgspec Struct or a list of them."""
    import msgspec

    typer.echo(msgspec.json.encode(found).decode())


def warn(text: str) -> None:
    """A sentence on stderr, where it does not mix with what is piped."""
    typer.secho(text, err=True, fg="yellow" if sys.stderr.isatty() else None)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, nothing: str) -> None:
    """A table as wide as the terminal, or plain columns into a pipe; `nothing` when it has no rows."""
    from rich.console import Console
    from rich.table import Table

    if not rows:
        typer.echo(nothing)
        return
    console = Console(highlight=False)
    table = Table(*columns, box=None, pad_edge=False, header_style="dim" if console.is_terminal else "")
    for row in rows:
        table.add_row(*("" if cell is None else _plain(str(cell)) for cell in row))
    console.print(table, soft_wrap=not console.is_terminal)


def _plain(text: str) -> str:
    """What others wrote may hold what rich would take for markup, or a terminal for orders."""
    from rich.markup import escape

    return escape("".join(sign if sign.isprintable() else " " for sign in text))


def with_ledger(home: Path | None, work: "Callable[[AgentOpsClient], Awaitable[T]]") -> T:
    """Do `work` with a client of the ledger that runs over this COS_HOME, or that the settings name.

    Raises:
        NotRunning: neither does.
    """
    from agentops import AgentOpsClient
    from ops.remote import Remote
    from ops.settings import OpsSettings

    found = Remote.of(OpsSettings.read(home=home))

    async def run() -> T:
        async with AgentOpsClient(url=found.ledger, api_key=found.key) as ledger:
            return await work(ledger)

    return asyncio.run(run())


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn what went wrong into a sentence on stderr and exit code 1."""
    from agentops.errors import AgentOpsError

    plain = (OpsError, AgentOpsError)
    try:
        yield
    except plain as error:
        _fail(error)
    except ExceptionGroup as group:
        known, _ = group.split(plain)
        if known is None:
            raise
        _fail(_first(known))


def _first(group: BaseException) -> BaseException:
    return _first(group.exceptions[0]) if isinstance(group, BaseExceptionGroup) else group


def _fail(error: BaseException) -> None:
    # An AgentOpsError leads its text with a code, which is for programs.
    said = str(getattr(error, "detail", "") or error)
    typer.secho(said, err=True, fg="red" if sys.stderr.isatty() else None)
    raise typer.Exit(1) from error
