"""The configuration for what runs on this machine: its addresses, its key, its owner's Telegram."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from agentops.wire import Person, Role

EXAMPLES = Path(__file__).parent
_TOLD = (
    '{{ if eq .Status "firing" }}⚠️{{ else }}✅{{ end }} {{ .CommonLabels.alertname }}'
    "{{ range .Alerts }}\n{{ .Annotations.summary }}{{ end }}"
    '{{ if eq .Status "firing" }}\n{{ .CommonAnnotations.runbook }}{{ end }}'
)


@dataclass(frozen=True)
class Bot:
    """Where the owner is told of alerts: by Alertmanager itself, as a part that is down tells nobody."""

    token: str
    chat_id: int
    api_url: str = ""
    """Of another server than Telegram's."""


@dataclass(frozen=True)
class Watched:
    """What is to be watched.

    Attributes:
        parts: Name → URL, of those that listen.
        reader_key: Of the ledger.
        bot: None: nobody is told; Alertmanager's page shows what fires.
        alertmanager: Its address, `host:port`.
    """

    parts: dict[str, str]
    reader_key: str
    bot: Bot | None = None
    alertmanager: str = "127.0.0.1:9093"

    def write(self, folder: Path) -> None:
        """All of it, in a folder that nobody else may look into."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy(EXAMPLES / "rules.yml", folder / "rules.yml")
        (folder / "prometheus.yml").write_text(_yaml(self._prometheus()), encoding="utf-8")
        _keep(folder / "reader.key", self.reader_key)
        _keep(folder / "alertmanager.yml", _yaml(self._alertmanager()))

    def _prometheus(self) -> dict[str, Any]:
        config: dict[str, Any] = yaml.safe_load((EXAMPLES / "prometheus.yml").read_text(encoding="utf-8"))
        jobs = [job for job in config["scrape_configs"] if job["job_name"] in self.parts]
        for job in jobs:
            job["static_configs"] = [{"targets": [urlsplit(self.parts[job["job_name"]]).netloc]}]
        config["scrape_configs"] = jobs
        config["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [self.alertmanager]}]}]
        return config

    def _alertmanager(self) -> dict[str, Any]:
        config: dict[str, Any] = yaml.safe_load((EXAMPLES / "alertmanager.yml").read_text(encoding="utf-8"))
        for receiver in config["receivers"]:
            del receiver["webhook_configs"]
            if self.bot is not None:
                silent = receiver["name"] != "pager"
                receiver["telegram_configs"] = [_telegram(self.bot, silent=silent)]
        return config


def telegram_of(people: list[Person]) -> int | None:
    """The owner's chat with the bot, if they have proven one to be theirs."""
    found = [
        contact.address
        for person in people
        if person.role is Role.OWNER
        for contact in person.contacts
        if contact.channel == "telegram" and contact.verified_at is not None
    ]
    return next((int(address) for address in found if address.lstrip("-").isdecimal()), None)


def _telegram(bot: Bot, *, silent: bool) -> dict[str, Any]:
    told = {
        "bot_token": bot.token,
        "chat_id": bot.chat_id,
        "message": _TOLD,
        "parse_mode": "",
        "disable_notifications": silent,
        "send_resolved": True,
    }
    return told | ({"api_url": bot.api_url} if bot.api_url else {})


def _yaml(config: dict[str, Any]) -> str:
    return yaml.safe_dump(config, sort_keys=False, allow_unicode=True)


def _keep(path: Path, secret: str) -> None:
    """In one step, so that no reader finds half of it."""
    unfinished = path.with_suffix(".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret)
    unfinished.replace(path)
