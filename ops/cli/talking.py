"""`cos chat` and `cos mcp`: a word with the chief, and the ledger as tools of other agents."""

import asyncio
from typing import Annotated

import typer

from ops.cli.base import WORK, HomeOption, JsonOption, print_json, told_plainly


def add(app: typer.Typer) -> None:
    """Put these commands into `app`."""
    app.command(rich_help_panel=WORK)(chat)
    app.command(rich_help_panel=WORK)(mcp)


def chat(
    text: Annotated[str, typer.Argument(help="What to say.")],
    session: Annotated[str, typer.Option(help="Which conversation; the owner's by default.")] = "",
    *,
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Say something to the Chief of Staff and print the answer."""
    from ops import remote
    from ops.settings import OpsSettings

    with told_plainly():
        settings = OpsSettings.read(home=home)
        said = asyncio.run(remote.Remote.of(settings).chat(text, session or settings.session))
        if json:
            print_json(said)
        else:
            typer.echo(said.response)


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
