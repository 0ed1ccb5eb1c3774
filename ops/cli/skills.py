"""`cos skills`: what the workers have learnt, how well it serves, and taking it out of use."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.base import HomeOption, JsonOption, print_json, print_table, told_plainly, with_ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops import AgentOpsClient
    from agentops.wire import Skill

app = typer.Typer(no_args_is_help=True, help="What the workers have learnt, and how well it serves.")
Name = Annotated[str, typer.Argument(help="The skill's name, as `cos skills list` shows it.")]


@app.command("list")
def list_(*, json: JsonOption = False, home: HomeOption = None) -> None:
    """List all skills with their uses; with --json, every version of each."""

    async def work(ledger: "AgentOpsClient") -> "list[Skill]":
        return await ledger.list_skills()

    with told_plainly():
        found = with_ledger(home, work)
        if json:
            print_json(found)
            return
        rows = [
            (one.name, one.version, one.status.value, one.uses, one.failures, _day(one), one.description[:80])
            for one in _newest(found)
        ]
        print_table(
            ("name", "version", "status", "uses", "failed", "last used", "what for"),
            rows,
            nothing="No skill has been registered yet. Workers register what they bring when they start.",
        )


@app.command()
def show(name: Name, *, json: JsonOption = False, home: HomeOption = None) -> None:
    """Show a skill with all its versions."""
    from ops.errors import NotFoundHere

    async def work(ledger: "AgentOpsClient") -> "list[Skill]":
        return await ledger.list_skills(name=name)

    with told_plainly():
        versions = with_ledger(home, work)
        if not versions:
            raise NotFoundHere(f"There is no skill {name}. `cos skills list` shows all.")
        if json:
            print_json(versions)
            return
        typer.echo(f"{name}: {versions[0].description}")
        for one in versions:
            reason = f" ({one.reason})" if one.reason else ""
            used = f"{one.uses} uses, {one.failures} failed"
            typer.echo(f"version {one.version}: {one.status.value}{reason}, {used}, made by {one.created_by}")


@app.command()
def retire(
    name: Name,
    *,
    reason: Annotated[str, typer.Option(help="Why; it stands beside the skill.")] = "by hand",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Take a skill out of use for good, in all its versions."""
    from agentops.wire import RetireSkill

    async def work(ledger: "AgentOpsClient") -> "list[Skill]":
        return await ledger.retire_skill(name, RetireSkill(reason=reason))

    with told_plainly():
        if not yes:
            typer.confirm(f"Take {name} out of use for good?", abort=True)
        retired = with_ledger(home, work)
        if json:
            print_json(retired)
            return
        versions = ", ".join(str(one.version) for one in retired) or "none was in use"
        typer.echo(f"Taken out of use: {name}, version {versions}.")


def _newest(skills: "Sequence[Skill]") -> "list[Skill]":
    """The newest version of each, which the ledger tells first."""
    latest: dict[str, Skill] = {}
    for one in skills:
        latest.setdefault(one.name, one)
    return list(latest.values())


def _day(skill: "Skill") -> str:
    return f"{skill.last_used_at:%Y-%m-%d %H:%M}" if skill.last_used_at else "never"
