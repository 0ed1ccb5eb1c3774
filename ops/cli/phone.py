"""`cos call` and `cos phone`: be a caller, choose a PIN, get a number and lead its calls here."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.base import WORK, HomeOption, JsonOption, print_json, print_table, told_plainly, warn

if TYPE_CHECKING:
    from gateway.phone.settings import PhoneSettings

app = typer.Typer(no_args_is_help=True, help="The telephone: a PIN, a number.")


def add(main: typer.Typer) -> None:
    """Put `call` into the commands at the top."""
    main.command(rich_help_panel=WORK)(call)


def call(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Wave files, spoken one after the other; none: your microphone."),
    ] = None,
    *,
    out: Annotated[Path, typer.Option(help="Where to write what was heard.")] = Path("heard.wav"),
    caller: Annotated[str, typer.Option("--from", help="Who calls; the owner's number by default.")] = "",
    pin: Annotated[str, typer.Option(help="Type this PIN after the greeting.")] = "",
    over: Annotated[bool, typer.Option("--over", help="Speak over each answer.")] = False,
    gateway: Annotated[
        str, typer.Option(help="Where the gateway listens, if it is not the one on this machine.")
    ] = "",
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Call the Chief of Staff as Twilio would: what was said, what was heard, how long each answer took."""
    from ops.cli.phone_call import called_at, print_call
    from ops.phone_calling import Plan
    from ops.phone_calling import call as place
    from ops.settings import OpsSettings

    with told_plainly():
        settings = OpsSettings.read(home=home)
        plan = Plan(files=files or (), pin=pin, caller=caller, over=over, out=out)
        remote, url = called_at(settings, gateway)
        if not files:
            warn("Speak when you are greeted; Ctrl-C hangs up. With headphones it does not hear itself.")
        found = asyncio.run(place(remote, _settings(), url, settings.session, plan))
        if json:
            print_json(found)
        else:
            print_call(found)


def _settings() -> "PhoneSettings":
    from pydantic import ValidationError

    from gateway.phone.settings import PhoneSettings
    from ops.errors import SettingsUnusable
    from ops.settings import explained

    try:
        return PhoneSettings()
    except ValidationError as error:
        raise SettingsUnusable(explained(error)) from None


@app.command()
def pin() -> None:
    """Choose the PIN that callers type; prints the line for .env, never the PIN."""
    from gateway.phone.errors import PinUnusable
    from gateway.phone.pins import hash_of
    from ops.errors import PhoneUnusable

    with told_plainly():
        chosen = typer.prompt("PIN, 4 to 12 digits", hide_input=True, confirmation_prompt="Once more")
        try:
            typer.echo(f"PHONE_PIN_HASH={hash_of(chosen)}")
        except PinUnusable as error:
            raise PhoneUnusable(f"{error}.") from None


@app.command()
def setup(
    *,
    country: Annotated[str, typer.Option(help="Show numbers for sale there, such as US.")] = "",
    contains: Annotated[str, typer.Option(help="Digits that they shall have.")] = "",
    buy: Annotated[str, typer.Option(help="Buy this number: it costs money every month.")] = "",
    number: Annotated[str, typer.Option(help="Lead this number's calls here; TWILIO_PHONE_NUMBER.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Buy without asking.")] = False,
) -> None:
    """List, buy and set up a number at Twilio."""
    from ops import phone_numbers as numbers

    with told_plainly():
        settings = _settings()
        if buy:
            if not yes:
                typer.confirm(f"Buy {buy}? Twilio charges your account every month.", abort=True)
            bought = asyncio.run(numbers.buy(settings, buy))
            typer.echo(f"Bought. Put this into .env and start again: TWILIO_PHONE_NUMBER={bought}")
        elif country:
            found = asyncio.run(numbers.offered(settings, country.upper(), contains))
            print_table(
                ["number", "where"], [[one.number, one.where] for one in found], nothing="None for sale."
            )
            typer.echo("Buy one with: cos phone setup --buy NUMBER")
        elif number or settings.number:
            leads_to = asyncio.run(numbers.lead_here(settings, number or settings.number))
            typer.echo(f"Calls to {number or settings.number} go to {leads_to} now.")
        else:
            own = asyncio.run(numbers.owned(settings))
            print_table(
                ["number", "leads to"], [[one.number, one.leads_to] for one in own], nothing="No numbers."
            )
            typer.echo("See what is for sale with: cos phone setup --country US")
