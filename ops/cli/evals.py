"""`cos eval`: how well a model does the chief's work."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ops.cli.base import CARE, JsonOption, told_plainly


def add(app: typer.Typer) -> None:
    """Put the command into `cos`."""
    app.command(name="eval", rich_help_panel=CARE)(evaluate)


def evaluate(
    files: Annotated[list[Path], typer.Argument(help="YAML files of conversations; see docs/evals.md.")],
    *,
    model: Annotated[
        str | None, typer.Option(help="provider:model; what COS_MODEL chooses, by default.")
    ] = None,
    at_once: Annotated[int, typer.Option(min=1, max=64, help="Conversations at a time.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only the table.")] = False,
    json: JsonOption = False,
) -> None:
    """Run conversations against a model and count: right tool, right arguments, wrong actions, time, cost."""
    import structlog

    from ops.cli.base import print_json, warn
    from ops.evals.contenders import contender
    from ops.evals.conversations import read_conversations
    from ops.evals.report import by_part, faults, table
    from ops.evals.running import Outcome, run_all

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))

    async def run() -> list[Outcome]:
        found: list[Outcome] = []
        async for outcomes in run_all(conversations, tested, at_once=at_once):
            found += outcomes
        return found

    with told_plainly():
        conversations = [one for file in files for one in read_conversations(file)]
        tested = contender(model)
        found = asyncio.run(run())
        if not found:
            warn("Nothing was judged: no line of these files says what is expected.")
            raise typer.Exit(1)
        if json:
            print_json(by_part(found))
            return
        typer.echo(f"{tested.name}, {len(conversations)} conversations\n")
        typer.echo("\n".join([*([] if quiet else [*faults(found), ""]), table(by_part(found))]))
