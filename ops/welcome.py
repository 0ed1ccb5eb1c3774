"""What a person sees of `cos up`: the progress, then the one link."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console
from rich.status import Status
from rich.text import Text

from ops.errors import AlreadyRunning, NotRunning
from ops.launcher import Reporter, Up, model_in_use
from ops.remote import Remote
from ops.runstate import Home, RunState
from ops.settings import OpsSettings, environment

_TITLES = {
    "postgres": "PostgreSQL",
    "redis": "Redis",
    "ledger": "Ledger",
    "chief": "Chief of Staff",
    "seed": "Seed worker",
    "gateway": "Gateway",
    "ui": "Panel",
}
FIRST_WORDS = "create a task to analyse this file, high priority"


@contextmanager
def reporter(settings: OpsSettings, *, json: bool) -> Iterator[Reporter]:
    """What `cos up` reports to: one JSON line on stdout, or progress for people on stderr."""
    if json:
        yield Reporter(starting=_unsaid, started=_unsaid, ready=_print_json)
        return
    welcome = Welcome(
        Console(stderr=True, highlight=False),
        home=settings.place,
        model=model_in_use(),
        telegram="TELEGRAM_BOT_TOKEN" in environment(),
    )
    try:
        yield Reporter(welcome.starting, welcome.started, welcome.ready)
    finally:
        welcome.close()


async def say_what_runs(settings: OpsSettings, running: AlreadyRunning) -> None:
    """For a second `cos up`: a fresh link to what runs, and its processes."""
    console = Console(stderr=True, highlight=False)
    console.print(str(running))
    state = Home(settings.place).read_soon()
    try:
        link = await Remote.of(settings).login_url()
    except NotRunning as error:
        link = str(error)
    console.print(f"  Open      {link}", soft_wrap=True)
    for line in _processes(state):
        console.print(f"  {line}")


def _unsaid(_: str) -> None:
    return


def _print_json(up: Up) -> None:
    sys.stdout.write(msgspec.json.encode(up).decode() + "\n")
    sys.stdout.flush()


class Welcome:
    """Progress and greeting on one console."""

    def __init__(self, console: Console, *, home: Path, model: str, telegram: bool):
        """Draws nothing yet.

        Args:
            console: Where to.
            home: COS_HOME.
            model: As `COS_MODEL` spells it.
            telegram: Whether a bot's token is set.
        """
        self._console = console
        self._home = home
        self._model = model
        self._telegram = telegram
        self._begun: dict[str, float] = {}
        self._status: Status | None = None

    def starting(self, name: str) -> None:
        """A part was started."""
        self._begun[name] = time.monotonic()
        self._show()

    def started(self, name: str) -> None:
        """A part is ready."""
        took_s = time.monotonic() - self._begun.pop(name)
        self._console.print(f"  [green]✓[/green] {_TITLES[name]:<16} [dim]{took_s:4.1f} s[/dim]")
        self._show()

    def ready(self, up: Up) -> None:
        """Everything is ready."""
        self.close()
        rows = {
            "Open": Text(up.login_url, style="bold cyan", no_wrap=True, overflow="ignore"),
            "": Text("works once, within the hour; `.venv/bin/cos login` prints another", style="dim"),
            "Type": Text.assemble((FIRST_WORDS, "bold"), ("  and attach a CSV file", "dim")),
            "Model": Text(self._describe_model()),
            "Data": Text(f"{self._home}  (logs in {self._home / 'logs'})"),
            "Telegram": Text("on" if self._telegram else "off; set TELEGRAM_BOT_TOKEN in .env to talk there"),
            "Stop": Text("Ctrl-C"),
        }
        self._console.print("\n[bold]Chief of Staff is ready.[/bold]\n")
        for title, text in rows.items():
            self._console.print(Text.assemble((f"  {title:<10}", "dim"), text), soft_wrap=True)
        self._console.print()

    def close(self) -> None:
        """Take the spinner away."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _show(self) -> None:
        if not self._begun:
            return
        names = ", ".join(_TITLES[name] for name in self._begun)
        if self._status is None:
            self._status = self._console.status("")
            self._status.start()
        self._status.update(f"Starting {names} …")

    def _describe_model(self) -> str:
        if self._model == "offline":
            return "offline rules, no key needed; set COS_MODEL or a vendor's key in .env for free speech"
        return self._model


def _processes(state: RunState | None) -> list[str]:
    """One line for each process of this machine."""
    if state is None:
        return []
    lines = [f"cos       process {state.supervisor.pid}"]
    for name, running in state.parts.items():
        lines.append(f"{name:<9} process {running.pid}{'' if running.process() else ' (gone)'}")
    return lines
