"""`cos pair …`: who may talk."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.base import HomeOption, JsonOption, print_json, print_table, told_plainly, with_ledger

if TYPE_CHECKING:
    from agentops import AgentOpsClient
    from agentops.wire import Pairing, Person

app = typer.Typer(
    no_args_is_help=True, help="Let people in who wrote to the bot or called, or send them away."
)

Code = Annotated[str, typer.Argument(help="The code that they were given, eight characters.")]


class Role(StrEnum):
    """What they may do."""

    OWNER = "owner"
    MEMBER = "member"
    GUEST = "guest"


@app.command("list")
def list_(
    *,
    everyone: Annotated[bool, typer.Option("--all", help="Also those decided before.")] = False,
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """List who waits to be let in."""
    from agentops.wire import PairingStatus

    async def work(ledger: "AgentOpsClient") -> "list[Pairing]":
        return await ledger.list_pairings(status=None if everyone else PairingStatus.PENDING)

    with told_plainly():
        found = with_ledger(home, work)
        if json:
            print_json(found)
            return
        rows = [
            (
                one.code,
                one.display_name,
                one.channel,
                one.address,
                one.status,
                f"{one.expires_at.astimezone():%H:%M}",
            )
            for one in found
        ]
        print_table(("code", "name", "channel", "address", "status", "until"), rows, nothing="Nobody waits.")


@app.command()
def approve(
    code: Code,
    *,
    person: Annotated[str, typer.Option(help="Name of the known person whose address it is.")] = "",
    role: Annotated[
        Role | None, typer.Option(help="Without it: owner for the first of all, else member.")
    ] = None,
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Let somebody in."""
    from agentops.wire import ApprovePairing
    from agentops.wire import Role as Wire
    from ops.personal import person_called

    async def work(ledger: "AgentOpsClient") -> "Person":
        known = (await person_called(ledger, person)).id if person else None
        wanted = Wire(role) if role else None
        return await ledger.approve_pairing(
            ApprovePairing(code=code.strip().upper(), person_id=known, role=wanted)
        )

    with told_plainly():
        let_in = with_ledger(home, work)
        if json:
            print_json(let_in)
        else:
            typer.echo(f"{let_in.name} is in, as {let_in.role}.")


@app.command()
def reject(code: Code, *, json: JsonOption = False, home: HomeOption = None) -> None:
    """Send somebody away."""

    async def work(ledger: "AgentOpsClient") -> "Pairing":
        return await ledger.reject_pairing(code.strip().upper())

    with told_plainly():
        gone = with_ledger(home, work)
        if json:
            print_json(gone)
        else:
            typer.echo(f"{gone.display_name or gone.address} was not let in.")
