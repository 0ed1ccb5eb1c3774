"""Writes the configuration for what runs on this machine: `python -m ops.prometheus FOLDER`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from agentops import AgentOpsClient
from ops import keys
from ops.cli.base import HomeOption, told_plainly, with_ledger
from ops.prometheus.local import Bot, Watched, telegram_of
from ops.remote import Remote
from ops.settings import OpsSettings, environment


def write(
    folder: Annotated[Path, typer.Argument(help="Where to; it is made if it is not there.")],
    home: HomeOption = None,
    alertmanager: Annotated[str, typer.Option(help="Where Alertmanager listens.")] = "127.0.0.1:9093",
) -> None:
    """Write what Prometheus and Alertmanager need to watch the installation that runs on this machine."""
    with told_plainly():
        watched = _watched(home, alertmanager)
        watched.write(folder)
    for line in _lines(folder, watched):
        typer.echo(line)


def _watched(home: Path | None, alertmanager: str) -> Watched:
    settings, told = OpsSettings.read(home=home), environment()
    found = Remote.of(settings)
    parts = {"ledger": found.ledger, "chief": found.chief}
    if found.state is not None:
        parts |= {"gateway": found.state.gateway, "ui": found.state.ui}
    if port := told.get("SEED_PORT", "0").lstrip("0"):
        parts["seed"] = f"http://127.0.0.1:{port}"
    return Watched(parts, keys.load_or_make(settings.place).reader, _bot(home, told), alertmanager)


def _bot(home: Path | None, told: Mapping[str, str]) -> Bot | None:
    token = told.get("TELEGRAM_BOT_TOKEN")
    chat_id = with_ledger(home, _owners_chat) if token else None
    if not token or chat_id is None:
        return None
    return Bot(token, chat_id, told.get("TELEGRAM_API_BASE", ""))


async def _owners_chat(ledger: AgentOpsClient) -> int | None:
    return telegram_of(await ledger.list_people())


def _lines(folder: Path, watched: Watched) -> list[str]:
    told = "its owner by Telegram" if watched.bot else "nobody: connect a bot, pair yourself, write it anew"
    lines = [f"Watched: {', '.join(watched.parts)}.", f"Alerts reach {told}."]
    if "seed" not in watched.parts:
        lines.append("For the worker's own figures, set SEED_PORT=8704, restart `cos up` and write it anew.")
    return [
        *lines,
        "Start both:",
        f"  prometheus --config.file={folder / 'prometheus.yml'} --storage.tsdb.path={folder / 'data'}",
        f"  prometheus-alertmanager --config.file={folder / 'alertmanager.yml'}",
    ]


if __name__ == "__main__":
    typer.run(write)
