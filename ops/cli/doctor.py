"""`cos doctor`: is everything as it should be, and if not, what to do."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.base import CARE, HomeOption, JsonOption, print_json, told_plainly

if TYPE_CHECKING:
    from ops.doctor.findings import Finding


def add(app: typer.Typer) -> None:
    """Put these commands into `app`."""
    app.command(rich_help_panel=CARE)(doctor)


def doctor(
    *,
    ask_model: Annotated[
        bool, typer.Option("--ask-model", help="Ask the model one short question, which may cost a little.")
    ] = False,
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Check every setting and connection, and say what to do; exit code 1 if something does not work."""
    from ops.doctor.examining import examine
    from ops.doctor.findings import Ground, Verdict
    from ops.runstate import Home
    from ops.settings import OpsSettings, environment

    with told_plainly():
        settings = OpsSettings.read(home=home)
        ground = Ground(settings, environment(), Home(settings.place).read(), ask_model=ask_model)
        found = asyncio.run(examine(ground))
    if json:
        print_json(found)
    else:
        _tell(found)
    if any(one.verdict is Verdict.BAD for one in found):
        raise typer.Exit(1)


def _tell(found: "Sequence[Finding]") -> None:
    from rich.console import Console
    from rich.text import Text

    from ops.doctor.findings import Verdict

    marks = {
        Verdict.GOOD: ("✓", "green"),
        Verdict.HINT: ("!", "yellow"),
        Verdict.BAD: ("✗", "red"),
        Verdict.OFF: ("·", "dim"),
    }
    console = Console(highlight=False)
    area = ""
    for one in found:
        if one.area != area:
            area = one.area
            console.print(Text(area, style="bold"))
        sign, style = marks[one.verdict]
        console.print(Text.assemble((f"  {sign} ", style), f"{one.name:<14} {one.said}"), soft_wrap=True)
        if one.advice:
            console.print(Text(f"{'':<19}→ {one.advice}", style="cyan"), soft_wrap=True)
    counts = {verdict: sum(one.verdict is verdict for one in found) for verdict in Verdict}
    console.print(
        f"\n{counts[Verdict.GOOD]} good, {counts[Verdict.HINT]} to consider, {counts[Verdict.BAD]} to mend"
    )
