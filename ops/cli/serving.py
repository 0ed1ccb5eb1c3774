"""`cos up`, `run`, `status`, `login`, `password`, `migrate`: what starts it and says how it stands."""

import asyncio
from typing import Annotated

import typer

from ops.cli.base import CARE, SERVE, SET_UP, BasePortOption, HomeOption, JsonOption, print_json, told_plainly
from ops.errors import AlreadyRunning

EXIT_ALREADY_RUNNING = 3


def add(app: typer.Typer) -> None:
    """Put these commands into `app`."""
    app.command(rich_help_panel=SERVE)(up)
    app.command(rich_help_panel=SERVE)(run)
    app.command(rich_help_panel=CARE)(status)
    app.command(rich_help_panel=SERVE)(login)
    app.command(rich_help_panel=SET_UP)(password)
    app.command(rich_help_panel=CARE)(migrate)


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


def run(part: Annotated[str, typer.Argument(help="ledger, chief, seed, gateway or ui.")]) -> None:
    """Run one part in this process, with settings from the environment and .env."""
    from ops import runner
    from ops.parts import PARTS

    if part not in PARTS:
        raise typer.BadParameter(f"There is no part {part!r}. Parts: {', '.join(PARTS)}.")
    with told_plainly():
        runner.run(part)


def status(*, json: JsonOption = False, home: HomeOption = None) -> None:
    """Say what runs here, and how the tasks stand."""
    from ops import remote
    from ops.settings import OpsSettings

    with told_plainly():
        settings = OpsSettings.read(home=home)
        found = asyncio.run(remote.Remote.of(settings).status())
        if json:
            print_json(found)
        else:
            typer.echo("\n".join(found.lines()))


def login(*, json: JsonOption = False, home: HomeOption = None) -> None:
    """Print a link that logs in to the panel, once."""
    from ops import remote
    from ops.settings import OpsSettings

    with told_plainly():
        settings = OpsSettings.read(home=home)
        url = asyncio.run(remote.Remote.of(settings).login_url())
        if json:
            print_json({"login_url": url})
        else:
            typer.echo(url)


def password() -> None:
    """Choose the password that opens the panel, besides links; prints the line for .env."""
    from ops.errors import PasswordUnusable
    from ui.passwords import hash_of

    with told_plainly():
        chosen = typer.prompt(
            "Password, at least 12 characters", hide_input=True, confirmation_prompt="Once more"
        )
        try:
            typer.echo(f"UI_PASSWORD_HASH='{hash_of(chosen)}'")
        except ValueError as error:
            raise PasswordUnusable(f"{error}.".capitalize()) from None


def migrate(home: HomeOption = None) -> None:
    """Bring the ledger's tables to this version; the ledger also does it when it starts."""
    from ops import launcher, telemetry
    from ops.settings import OpsSettings

    with told_plainly():
        settings = OpsSettings.read(home=home)
        telemetry.configure("cos", level=settings.log_level, style=settings.log_format)
        asyncio.run(launcher.migrate(settings))
