"""The `cos` command: brings everything up on one machine, runs one part, talks to what runs."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ops.bench.cli import app as bench
from ops.errors import AlreadyRunning, OpsError

# Each command imports what it needs: `cos run` must not carry the weight of the others.

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(bench, name="bench")
HomeOption = Annotated[Path | None, typer.Option(help="Where the data lies, instead of COS_HOME.")]
BasePortOption = Annotated[
    int | None, typer.Option(min=1024, max=65532, help="First of four ports, instead of 8700.")
]
EXIT_ALREADY_RUNNING = 3


def main() -> None:
    """Entry point of `cos`."""
    app()


@app.command()
def up(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON line when all is ready.")] = False,
    home: HomeOption = None,
    base_port: BasePortOption = None,
    logs: Annotated[bool, typer.Option("--logs", help="Show every log line, not only warnings.")] = False,
) -> None:
    """Start everything on this machine and keep it running until Ctrl-C."""
    from ops import launcher, telemetry, welcome
    from ops.logs import LogView
    from ops.settings import OpsSettings

    with told_plainly():
        settings = OpsSettings.read(home=home, base_port=base_port)
        telemetry.configure("cos", level=settings.log_level, style=settings.log_format)
        view = LogView.on_stderr(settings.log_level if logs or json else "warning", settings.log_format)
        with welcome.reporter(settings, json=json) as reporter:
            try:
                asyncio.run(launcher.up(settings, reporter, view))
            except AlreadyRunning as running:
                # A person wants the link; a script must not take another's processes for its own.
                asyncio.run(welcome.say_what_runs(settings, running))
                raise typer.Exit(EXIT_ALREADY_RUNNING if json else 0) from None


@app.command()
def run(part: Annotated[str, typer.Argument(help="ledger, chief, seed, gateway or ui.")]) -> None:
    """Run one part in this process, with settings from the environment and .env."""
    from ops import runner
    from ops.parts import PARTS

    if part not in PARTS:
        raise typer.BadParameter(f"There is no part {part!r}. Parts: {', '.join(PARTS)}.")
    with told_plainly():
        runner.run(part)


@app.command()
def chat(
    text: Annotated[str, typer.Argument(help="What to say.")],
    session: Annotated[str, typer.Option(help="Which conversation; the owner's by default.")] = "",
    home: HomeOption = None,
) -> None:
    """Say something to the Chief of Staff and print the answer."""
    from ops import remote
    from ops.settings import OpsSettings

    with told_plainly():
        settings = OpsSettings.read(home=home)
        said = asyncio.run(remote.Remote.of(settings).chat(text, session or settings.session))
        typer.echo(said.response)


@app.command()
def status(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    home: HomeOption = None,
) -> None:
    """Say what runs here, and how the tasks stand."""
    import msgspec

    from ops import remote
    from ops.settings import OpsSettings

    with told_plainly():
        settings = OpsSettings.read(home=home)
        found = asyncio.run(remote.Remote.of(settings).status())
        typer.echo(msgspec.json.encode(found).decode() if json else "\n".join(found.lines()))


@app.command()
def login(home: HomeOption = None) -> None:
    """Print a link that logs in to the panel, once."""
    from ops import remote
    from ops.settings import OpsSettings

    with told_plainly():
        settings = OpsSettings.read(home=home)
        typer.echo(asyncio.run(remote.Remote.of(settings).login_url()))


@app.command()
def mcp(
    *,
    http: Annotated[bool, typer.Option("--http", help="Serve HTTP, each caller with its own key.")] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on, with --http.")] = 8704,
    home: HomeOption = None,
) -> None:
    """Offer the ledger's tasks to any agent as an MCP server, over stdin and stdout or HTTP."""
    from agentops.mcp.serving import serve_http, serve_stdio
    from ops import remote
    from ops.settings import OpsSettings

    with told_plainly():
        settings = OpsSettings.read(home=home)
        found = remote.Remote.of(settings)
        if http:
            asyncio.run(serve_http(found.ledger, host=settings.bind_host, port=port))
        else:
            asyncio.run(serve_stdio(found.ledger, found.key))


@app.command()
def migrate(home: HomeOption = None) -> None:
    """Bring the ledger's tables to this version; the ledger also does it when it starts."""
    from ops import launcher, telemetry
    from ops.settings import OpsSettings

    with told_plainly():
        settings = OpsSettings.read(home=home)
        telemetry.configure("cos", level=settings.log_level, style=settings.log_format)
        asyncio.run(launcher.migrate(settings))


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn what went wrong into a sentence on stderr and exit code 1."""
    try:
        yield
    except OpsError as error:
        _fail(error)
    except ExceptionGroup as group:
        known, _ = group.split(OpsError)
        if known is None:
            raise
        _fail(_first(known))


def _first(group: BaseException) -> BaseException:
    return _first(group.exceptions[0]) if isinstance(group, BaseExceptionGroup) else group


def _fail(error: BaseException) -> None:
    typer.secho(str(error), err=True, fg="red" if sys.stderr.isatty() else None)
    raise typer.Exit(1) from error
