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
def show(name: NameArgument, home: HomeOption = None) -> None:
    """Show what a specialist was approved for, and what it is told."""
    with told_plainly():
        found = _found(_roster(home), name)
        spec = found.spec
        lines = [
            f"{spec.name}: {spec.purpose}",
            f"takes    {', '.join(spec.capabilities)}",
            f"model    {spec.model or 'that of the workers'}",
            f"budget   {spec.budget_tokens:,} tokens in all, {spec.task_steps} steps a task",
            f"raised   {found.hired_at:%Y-%m-%d %H:%M} in task {found.task_number}",
            "",
            spec.prompt,
        ]
        typer.echo("\n".join(lines))


@app.command()
def remove(name: NameArgument, home: HomeOption = None) -> None:
    """Dismiss a specialist: its key ends at once, and it is stopped."""
    from agentops import NotFound

    with told_plainly():
        roster = _roster(home)
        found = _found(roster, name)
        with suppress(NotFound):  # it has ended before
            with_ledger(home, lambda ledger: ledger.revoke_key(found.key_id))
        roster.remove(name)
        typer.echo(f"{name} is dismissed. Tasks that ask for it wait until there is another.")


def _row(agent: "Agent", specialist: "Specialist | None") -> list[object]:
    purpose = specialist.spec.purpose if specialist else ", ".join(agent.capabilities)
    return [agent.name, agent.kind, agent.status.value, len(agent.current_tasks) or "", purpose]


def _found(roster: "Roster", name: str) -> "Specialist":
    """Raises OpsError: there is none of this name, or its file cannot be read."""
    from brain.seed.errors import RosterRefused
    from ops.errors import OpsError

    try:
        found = roster.find(name)
    except RosterRefused as refused:
        raise OpsError(str(refused)) from refused
    if found is None:
        raise OpsError(
            f"There is no specialist {name} on this machine. `cos agents list` shows who there is."
        )
    return found


def _roster(home: Path | None) -> "Roster":
    from brain.seed.specialists.roster import Roster
    from ops.settings import OpsSettings

    return Roster(OpsSettings.read(home=home).place / "specialists")
