"""Connects a bot: what `cos telegram setup` finds out, says and keeps."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from dotenv import set_key
from pydantic import SecretStr

from ops.errors import SettingsUnusable
from ops.telegram import Account, BotApi, WebhookInfo


class Said(msgspec.Struct, frozen=True):
    """`cos telegram setup --json`."""

    bot: str
    link: str
    updates: str
    saved: str | None


@dataclass(frozen=True)
class Connected:
    """A bot that answers, and how its updates are to arrive."""

    account: Account
    webhook: WebhookInfo
    wanted: str
    """The webhook's address; empty: polling."""

    def save(self, file: Path, token: SecretStr) -> None:
        """Keep the token and the webhook in a `.env` that only its owner may read; the rest of it stays."""
        if not file.exists():
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        values = {"TELEGRAM_BOT_TOKEN": token.get_secret_value()}
        if self.wanted:
            values |= {"TELEGRAM_WEBHOOK_URL": self.wanted, "TELEGRAM_WEBHOOK_SECRET": secrets.token_hex(32)}
        for name, value in values.items():
            set_key(file, name, value, quote_mode="never")
        file.chmod(0o600)

    def said(self, saved: Path | None) -> Said:
        """For scripts."""
        how = f"webhook {self.wanted}" if self.wanted else "polling"
        return Said(f"@{self.account.username}", self._link, how, str(saved) if saved else None)

    def lines(self, saved: Path | None) -> list[str]:
        """For people."""
        lines = [f"The token is good: it is @{self.account.username}, {self.account.first_name}."]
        if self.webhook.url != self.wanted:
            lines.append(
                f"Telegram sends updates to {self.webhook.url or 'nobody'} now; "
                "the gateway changes that when it starts."
            )
        lines.append(f"Updates come by {f'webhook to {self.wanted}' if self.wanted else 'polling'}.")
        if saved:
            lines.append(f"Kept in {saved}.")
        return [
            *lines,
            "Next: restart `cos up`, write to the bot at " + self._link + ",",
            "then let yourself in with the code that it answers: `cos pair approve CODE`.",
        ]

    @property
    def _link(self) -> str:
        return f"https://t.me/{self.account.username}"


async def connect(api: BotApi, wanted: str) -> Connected:
    """Ask the bot who it is.

    Raises:
        TelegramRefused: the token is not good, or the server cannot be reached.
        SettingsUnusable: that can be no webhook's address.
    """
    parts = urlsplit(wanted)
    if wanted and (parts.scheme != "https" or not parts.netloc or parts.path in {"", "/"}):
        raise SettingsUnusable(
            "A webhook's address looks like https://example.org/telegram: https, with a path of its own."
        )
    return Connected(await api.account(), await api.webhook(), wanted)
