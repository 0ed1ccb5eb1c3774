"""`cos backup` and `cos restore`: lose nothing."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.base import CARE, HomeOption, JsonOption, print_json, told_plainly, warn

if TYPE_CHECKING:
    from pydantic import SecretStr

    from ops.settings import OpsSettings


def add(app: typer.Typer) -> None:
    """Put these commands into `app`."""
    app.command(rich_help_panel=CARE)(backup)
    app.command(rich_help_panel=CARE)(restore)


def backup(
    file: Annotated[str, typer.Argument(help="Where to: a new file, or s3://bucket/folder/name.")],
    *,
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Write everything into one encrypted file, while it runs or not.

    Database, artifacts, what is under way, keys and the .env of this folder. The passphrase comes from
    COS_BACKUP_PASSPHRASE, or is asked for.
    """
    from ops.backup.saving import backup as save
    from ops.settings import OpsSettings, environment

    with told_plainly():
        settings = OpsSettings.read(home=home)
        passphrase = _passphrase(settings, confirm=True)
        with _progress("Saving") as tell:
            saved = asyncio.run(save(settings, environment(), file, passphrase, tell))
        if json:
            print_json(saved)
            return
        if saved.missing:
            warn(f"The bytes of {len(saved.missing)} artifacts were gone from the store already.")
        typer.echo(
            f"{saved.file}: {saved.size_bytes / 1e6:.1f} MB, {saved.rows:,} rows, "
            f"{saved.artifacts:,} artifacts. "
            f"See that it can be restored: cos restore --verify {saved.file}"
        )


def restore(
    file: Annotated[str, typer.Argument(help="What `cos backup` wrote: a file, or s3://bucket/folder/name.")],
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Restore into an empty place, compare, and throw it away.")
    ] = False,
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Bring back a backup into an empty COS_HOME, or an empty database of one's own.

    It replaces nothing. What came back is compared with what was saved; if it is not the same, the place
    is left as it was.
    """
    from ops import telemetry
    from ops.backup import restoring
    from ops.backup.site import offer_credentials
    from ops.settings import OpsSettings, environment

    with told_plainly():
        settings = OpsSettings.read(home=home)
        telemetry.configure("cos", level="error")
        passphrase = _passphrase(settings, confirm=False)
        offer_credentials(environment())
        with _progress("Restoring") as tell:
            work = (
                restoring.verify(file, passphrase, tell)
                if verify
                else restoring.restore(settings, environment(), file, passphrase, tell)
            )
            restored = asyncio.run(work)
        if json:
            print_json(restored)
            return
        held = f"{restored.rows:,} rows, {restored.artifacts:,} artifacts of {restored.made}"
        typer.echo(f"The backup is good: {held}." if verify else f"Restored: {held}. Start it with `cos up`.")
        if restored.settings:
            typer.echo(f"The former .env lies in {restored.settings}: copy it to where you run `cos up`.")


def _passphrase(settings: "OpsSettings", *, confirm: bool) -> "SecretStr":
    from pydantic import SecretStr

    from ops.errors import BackupUnusable

    if settings.backup_passphrase:
        return settings.backup_passphrase
    if not sys.stdin.isatty():
        raise BackupUnusable("Set COS_BACKUP_PASSPHRASE: there is nobody here to ask for the passphrase.")
    return SecretStr(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm))


@contextmanager
def _progress(what: str) -> Iterator[Callable[[str], None]]:
    """A line on stderr that says what is being done; nothing into a pipe."""
    from rich.console import Console

    console = Console(stderr=True)
    with console.status(f"{what} …") as status:
        yield lambda text: status.update(f"{what} {text} …")
