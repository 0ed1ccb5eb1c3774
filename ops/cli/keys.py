"""`cos keys …`: who may use the ledger."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.base import HomeOption, JsonOption, print_json, print_table, told_plainly, warn, with_ledger

if TYPE_CHECKING:
    from agentops import AgentOpsClient
    from agentops.wire import Key, MintedKey

app = typer.Typer(no_args_is_help=True, help="Make, change and end keys to the ledger.")

Which = Annotated[str, typer.Argument(help="The key's name, or its id.")]
DAY_S = 86_400


class Scope(StrEnum):
    """What a key may do."""

    ADMIN = "admin"
    AGENT = "agent"
    READER = "reader"


@app.command("list")
def list_(*, json: JsonOption = False, home: HomeOption = None) -> None:
    """List every key, newest first, without secrets."""

    async def work(ledger: "AgentOpsClient") -> "list[Key]":
        return await ledger.list_keys()

    with told_plainly():
        found = with_ledger(home, work)
        if json:
            print_json(found)
            return
        rows = [(one.name, one.scope, _state(one), _day(one.last_used_at), one.id) for one in found]
        print_table(("name", "scope", "state", "last used", "id"), rows, nothing="No keys.")


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose it is; names help you to end the right one.")],
    *,
    scope: Annotated[
        Scope, typer.Option(help="agent: works on tasks. reader: looks. admin: everything.")
    ] = Scope.AGENT,
    days: Annotated[
        int | None, typer.Option(min=1, help="Good for so many days; without it, until revoked.")
    ] = None,
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Make a key; its secret is printed now and never again."""
    from agentops.wire import NewKey
    from agentops.wire import Scope as Wire

    async def work(ledger: "AgentOpsClient") -> "MintedKey":
        new = NewKey(name=name, scope=Wire(scope), expires_in_s=days * DAY_S if days else None)
        return await ledger.create_key(new)

    with told_plainly():
        _show(with_ledger(home, work), json=json)


@app.command()
def rotate(
    which: Which,
    *,
    grace_s: Annotated[
        int, typer.Option(min=0, max=604_800, help="So long the old secret is good too.")
    ] = 3600,
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Give a key a new secret; the old one is good for a while longer."""
    from agentops.wire import RotateKey
    from ops.keyring import key_called
    from ops.keys import take_over
    from ops.settings import OpsSettings

    async def work(ledger: "AgentOpsClient") -> "MintedKey":
        return await ledger.rotate_key((await key_called(ledger, which)).id, RotateKey(grace_s=grace_s))

    with told_plainly():
        settings = OpsSettings.read(home=home)
        rotated = with_ledger(home, work)
        if not settings.ledger_api_key and take_over(settings.place, rotated):
            warn("One of this installation's own: keys.json has the new secret; restart `cos up` to use it.")
        _show(rotated, json=json)


@app.command()
def revoke(which: Which, *, home: HomeOption = None) -> None:
    """End a key at once."""
    from ops.keyring import key_called

    async def work(ledger: "AgentOpsClient") -> "Key":
        key = await key_called(ledger, which)
        await ledger.revoke_key(key.id)
        return key

    with told_plainly():
        typer.echo(f"The key {with_ledger(home, work).name} is no longer good.")


def _show(key: "MintedKey", *, json: bool) -> None:
    if json:
        print_json(key)
        return
    # The secret alone on stdout, so that it can be piped into where it belongs.
    warn(f"The {key.scope} key {key.name} ({key.id}). Keep it well: it is not shown again.")
    typer.echo(key.secret)


def _state(key: "Key") -> str:
    from datetime import UTC, datetime

    if key.revoked_at:
        return "revoked"
    if key.expires_at and key.expires_at <= datetime.now(UTC):
        return "expired"
    return f"until {_day(key.expires_at)}" if key.expires_at else "good"


def _day(at: object) -> str:
    from datetime import datetime

    return at.astimezone().strftime("%Y-%m-%d") if isinstance(at, datetime) else ""
