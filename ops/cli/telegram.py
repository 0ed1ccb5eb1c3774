"""`cos telegram …`: connect the bot."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.base import HomeOption, JsonOption, print_json, told_plainly, warn

if TYPE_CHECKING:
    from pydantic import SecretStr

app = typer.Typer(no_args_is_help=True, help="Connect the Telegram bot.")


@app.callback()
def _group() -> None:
    """A group also while it has one command."""


@app.command()
def setup(
    *,
    save: Annotated[bool, typer.Option(help="Write the token into .env of this folder (mode 0600).")] = True,
    webhook: Annotated[
        str, typer.Option(help="https address that Telegram reaches, instead of polling; a secret is made.")
    ] = "",
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Check the bot's token and how its updates arrive, and keep them in .env.

    The token comes from TELEGRAM_BOT_TOKEN, or is asked for; @BotFather gives it (/newbot).
    """
    from ops.connecting import connect
    from ops.settings import OpsSettings, environment
    from ops.telegram import BotApi, token_of

    with told_plainly():
        OpsSettings.read(home=home)
        told = environment()
        token = token_of(told) or _ask()
        api = BotApi(token, told.get("TELEGRAM_API_BASE", BotApi.base))
        connected = asyncio.run(connect(api, webhook or told.get("TELEGRAM_WEBHOOK_URL", "")))
        if save:
            connected.save(Path(".env"), token)
        if json:
            print_json(connected.said(Path(".env") if save else None))
        else:
            typer.echo("\n".join(connected.lines(Path(".env") if save else None)))


def _ask() -> "SecretStr":
    from pydantic import SecretStr

    warn("Write to @BotFather in Telegram: /newbot. It gives a token that looks like 123456:ABC-DEF…")
    return SecretStr(typer.prompt("Token", hide_input=True).strip())
