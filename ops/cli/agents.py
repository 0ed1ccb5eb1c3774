"""`cos agents`: who works, and the specialists of this machine."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.base import HomeOption, JsonOption, print_json, print_table, told_plainly, with_ledger

if TYPE_CHECKING:
    from agentops.wire import Agent
    from brain.seed.specialists.roster import Roster
    from brain.seed.specialists.spec import Specialist

app = typer.Typer(no_args_is_help=True, help="Who works, and the specialists that were raised here.")
NameArgument = Annotated[str, typer.Argument(help="The specialist's name, as `cos agents list` shows it.")]


@app.command("list")
def list_agents(*, json: JsonOption = False, home: HomeOption = None) -> None:
    """Show all workers that the ledger knows, and what the specialists of this machine are for."""
    with told_plainly():
        agents = with_ledger(home, lambda ledger: ledger.list_agents())
        if json:
            print_json(agents)
            return
        specialists = {one.spec.name: one for one in _roster(home).all()}
        registered = {agent.name for agent in agents}
        rows = [_row(agent, specialists.get(agent.name)) for agent in agents]
        rows += [
            [name, "specialist", "not started", "", one.spec.purpose]
            for name, one in specialists.items()
            if name not in registered
        ]
        print_table(
            ("name", "kind", "status", "tasks", "purpose"), rows, nothing="No worker has registered yet."
        )


@app.command()
def show(name: NameArgument, *, json: JsonOption = False, home: HomeOption = None) -> None:
    """Show what a specialist was approved for, and what it is told."""
    with told_plainly():
        found = _found(_roster(home), name)
        spec = found.spec
        if json:
            print_json(spec)
            return
        lines = [
            f"{spec.name}: {spec.purpose}",
            f"takes    {', '.join(spec.capabilities)}",
            f"model    {spec.model or 'that of the workers'}",
            f"budget   {spec.budget_tokens:,} tokens in all, {spec.task_steps} steps a task",
            f"memory   {spec.memory_mb:,} MB",
            f"raised   {found.hired_at:%Y-%m-%d %H:%M} in task {found.task_number}",
            "",
            spec.prompt,
        ]
        typer.echo("\n".join(lines))


@app.command()
def remove(name: NameArgument, home: HomeOption = None) -> None:
    """Dismiss a specialist, here or on another machine: its key ends at once, and it is stopped.

    A worker of another kind is only forgotten: one that is still there registers again.
    """
    from agentops import AgentNotFound, NotFound

    with told_plainly():
        roster = _roster(home)
        found = _find(roster, name)
        if found is not None:
            with suppress(NotFound):  # it has ended before
                with_ledger(home, lambda ledger: ledger.revoke_key(found.key_id))
            roster.remove(name)
        try:
            with_ledger(home, lambda ledger: ledger.remove_agent(name))
        except AgentNotFound:
            if found is None:
                raise _unknown(name) from None
        typer.echo(f"{name} is dismissed. Tasks that ask for it wait until there is another.")


@app.command()
def stop(name: NameArgument, home: HomeOption = None) -> None:
    """Have a specialist of this machine stop: what it does is handed back, and it takes nothing more."""
    with told_plainly():
        roster = _roster(home)
        _found(roster, name)
        roster.stop(name)
        typer.echo(f"{name} stops. `cos agents start {name}` lets it work again.")


@app.command()
def start(name: NameArgument, home: HomeOption = None) -> None:
    """Let a specialist work again that was stopped."""
    with told_plainly():
        roster = _roster(home)
        _found(roster, name)
        roster.stop(name, stopped=False)
        typer.echo(f"{name} works again.")


def _row(agent: "Agent", specialist: "Specialist | None") -> list[object]:
    purpose = specialist.spec.purpose if specialist else ", ".join(agent.capabilities)
    status = "stopped" if specialist and specialist.stopped else agent.status.value
    return [agent.name, agent.kind, status, len(agent.current_tasks) or "", purpose]


def _found(roster: "Roster", name: str) -> "Specialist":
    """Raises OpsError: there is none of this name, or its file cannot be read."""
    found = _find(roster, name)
    if found is None:
        raise _unknown(name)
    return found


def _find(roster: "Roster", name: str) -> "Specialist | None":
    """Raises OpsError: its file cannot be read."""
    from brain.seed.errors import RosterRefused
    from ops.errors import OpsError

    try:
        return roster.find(name)
    except RosterRefused as refused:
        raise OpsError(str(refused)) from refused


def _unknown(name: str) -> Exception:
    from ops.errors import OpsError

    return OpsError(f"There is no specialist {name} on this machine. `cos agents list` shows who there is.")


def _roster(home: Path | None) -> "Roster":
    from brain.seed.specialists.roster import Roster
    from ops.settings import OpsSettings

    return Roster(OpsSettings.read(home=home).place / "specialists")
