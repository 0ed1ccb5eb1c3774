"""`cos person …`: who is known, and what belongs to them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.base import HomeOption, JsonOption, print_json, print_table, told_plainly, with_ledger

if TYPE_CHECKING:
    from agentops import AgentOpsClient
    from agentops.wire import Person
    from ops.personal import Exported

app = typer.Typer(no_args_is_help=True, help="See who is known; give somebody their data, or forget them.")

Who = Annotated[str, typer.Argument(help="The person's name, or id.")]


@app.command("list")
def list_(*, json: JsonOption = False, home: HomeOption = None) -> None:
    """List everybody who may talk."""

    async def work(ledger: "AgentOpsClient") -> "list[Person]":
        return await ledger.list_people()

    with told_plainly():
        found = with_ledger(home, work)
        if json:
            print_json(found)
            return
        rows = [
            (one.name, one.role, ", ".join(f"{c.channel} {c.address}" for c in one.contacts), one.id)
            for one in found
        ]
        print_table(("name", "role", "reached at", "id"), rows, nothing="Nobody yet.")


@app.command()
def export(
    who: Who,
    file: Annotated[Path, typer.Argument(dir_okay=False, help="A zip file; it must not exist.")],
    *,
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Write all that is kept of a person into a zip file that they can read."""
    from ops import personal
    from ops.remote import Remote
    from ops.settings import OpsSettings

    settings = OpsSettings.read(home=home)

    async def work(ledger: "AgentOpsClient") -> "Exported":
        person = await personal.person_called(ledger, who)
        session = personal.session_of_person(person, settings.session)
        facts = await personal.facts_about(Remote.of(settings), person)
        if facts is None:
            typer.echo("The chief does not answer: what it remembers of them is not in the file.", err=True)
        return await personal.export(ledger, person, session, file, facts=facts)

    with told_plainly():
        made = with_ledger(home, work)
        if json:
            print_json(made)
        else:
            typer.echo(f"{made.file}: {made.turns} messages, {made.tasks} tasks, {made.files} files.")


@app.command()
def forget(
    who: Who,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: HomeOption = None,
) -> None:
    """Remove a person: name, contacts, preferences, all that was said. Tasks stay."""
    from ops import personal
    from ops.settings import OpsSettings

    main = OpsSettings.read(home=home).session

    async def find(ledger: "AgentOpsClient") -> "Person":
        return await personal.person_called(ledger, who)

    async def work(ledger: "AgentOpsClient") -> None:
        await personal.forget(ledger, person, personal.session_of_person(person, main))

    with told_plainly():
        person = with_ledger(home, find)
        if not yes:
            typer.confirm(f"Remove {person.name}, and all that was said with them?", abort=True)
        with_ledger(home, work)
        typer.echo(
            f"{person.name} is forgotten. The event log keeps the name until its retention removes it."
        )
