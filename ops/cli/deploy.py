"""`cos deploy`: bring a release to Scaleway, look before, take it back if it is not well."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.base import CARE, JsonOption, print_json, print_table, told_plainly, warn

if TYPE_CHECKING:
    from ops.deploy.planning import Step
    from ops.deploy.releasing import Deployed


def add(app: typer.Typer) -> None:
    """Put `deploy` into `app`."""
    app.command(rich_help_panel=CARE)(deploy)


def deploy(
    *,
    release: Annotated[
        str,
        typer.Option(help="Tag of the images; the commit of this folder by default. An older one goes back."),
    ] = "",
    build: Annotated[bool, typer.Option("--build", help="Build the images and push them first.")] = False,
    engine: Annotated[str, typer.Option(help="What builds: docker, podman or buildah.")] = "docker",
    plan: Annotated[bool, typer.Option("--plan", help="Show what would change, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: JsonOption = False,
) -> None:
    """Bring a release into Scaleway's Serverless Containers.

    Ledger first (it migrates the database), then the others, each when the one before is well. If one does
    not become well, all are put back. Settings come from the environment and the .env of this folder, which
    `terraform output -raw settings` of ops/terraform begins.
    """
    with told_plainly():
        asyncio.run(_deploy(release, build=build, engine=engine, plan=plan, yes=yes, json=json))


async def _deploy(release: str, *, build: bool, engine: str, plan: bool, yes: bool, json: bool) -> None:
    from ops.deploy import images
    from ops.deploy.place import Place
    from ops.deploy.releasing import Releasing
    from ops.deploy.settings import DeploySettings
    from ops.deploy.sizes import sized
    from ops.settings import environment

    settings = DeploySettings.read()
    tag = release or await images.release_of()
    releasing = Releasing(Place(settings), environment(), tag, warn)
    steps = await releasing.plan()
    if plan or not json:
        _show(steps, json=json)
    if plan:
        return
    if not yes:
        typer.confirm("Go ahead?", abort=True, err=True)
    if build:
        await images.built(sized(settings.scale), settings, tag, engine, warn)
    try:
        _told(await releasing.run(), json=json)
    except asyncio.CancelledError:
        warn("Stopped in the middle. Run it again, or with --release of the one before.")
        raise


def _show(steps: "list[Step]", *, json: bool) -> None:
    if json:
        print_json([{"part": one.wanted.part, "do": one.do, "because": one.because} for one in steps])
        return
    rows = [[one.wanted.part, one.do, "; ".join(one.because)] for one in steps]
    print_table(["part", "", "because"], rows, nothing="DEPLOY_SCALE leaves nothing to run.")


def _told(deployed: "Deployed", *, json: bool) -> None:
    if json:
        print_json(deployed)
        return
    changed = ", ".join(deployed.changed) or "nothing: it ran already"
    typer.echo(f"Release {deployed.release} runs. Changed: {changed}.")
    for part, address in deployed.addresses.items():
        typer.echo(f"  {part:8} {address}")
