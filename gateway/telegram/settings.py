"""Telegram's settings: the only place of this part that reads the environment."""

import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


class TelegramSettings(BaseSettings):
    """Read once at start. Without a token there is no Telegram channel."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,  # an error that quotes its input would quote the token
    )

    bot_token: SecretStr | None = Field(default=None, validation_alias="TELEGRAM_BOT_TOKEN")
    """The bot's token from @BotFather; empty means no Telegram."""
    api_base: str = Field(default="https://api.telegram.org", validation_alias="TELEGRAM_API_BASE")
    """Another Bot API server, such as `http://127.0.0.1:8081`."""
    allowed_users: Annotated[frozenset[int], NoDecode] = Field(
        default=frozenset(), validation_alias="TELEGRAM_ALLOWED_USERS"
    )
    """Numeric ids of the owner's own accounts, separated by commas; everybody else is let in by pairing."""
    webhook_url: str = Field(default="", validation_alias="TELEGRAM_WEBHOOK_URL")
    """Where Telegram reaches the gateway, https; its path is the path here. Empty means polling."""
    webhook_secret: SecretStr | None = Field(default=None, validation_alias="TELEGRAM_WEBHOOK_SECRET")
    """What Telegram shows with every update: 16 to 256 letters, digits, _ or -. A webhook needs one."""
    stream_replies: bool = Field(default=True, validation_alias="TELEGRAM_STREAM_REPLIES")
    """Show a long answer while it is being written, by editing one message."""
    reactions: bool = Field(default=True, validation_alias="TELEGRAM_REACTIONS")
    """Mark a message as seen and as answered by a reaction to it."""

    @field_validator("bot_token")
    @classmethod
    def _a_whole_token(cls, token: SecretStr | None) -> SecretStr | None:
        secret = token.get_secret_value().strip() if token else ""
        if not secret:
            return None
        number, _, rest = secret.partition(":")
        if not number.isdigit() or not rest or any(character.isspace() for character in rest):
            raise ValueError("not a bot token: @BotFather gives one that looks like 123456:ABC-DEF…")
        return SecretStr(secret)

    @field_validator("api_base")
    @classmethod
    def _a_web_address(cls, base: str) -> str:
        base = base.strip().rstrip("/")
        if not base.startswith(("http://", "https://")) or "{" in base:
            raise ValueError("not a web address: it begins with http:// or https://")
        return base

    @field_validator("webhook_url")
    @classmethod
    def _a_path_of_ours(cls, url: str) -> str:
        url = url.strip()
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.netloc or parts.path in ("", "/")):
            raise ValueError(
                "not a webhook's address: it looks like https://example.org/telegram, with a path of its own"
            )
        return url

    @model_validator(mode="after")
    def _a_webhook_has_a_secret(self) -> Self:
        secret = self.webhook_secret.get_secret_value() if self.webhook_secret else ""
        if self.webhook_url and _SECRET.fullmatch(secret) is None:
            raise ValueError(
                "TELEGRAM_WEBHOOK_URL needs TELEGRAM_WEBHOOK_SECRET: 16 to 256 letters, digits, _ or -, "
                "such as `openssl rand -hex 32` makes"
            )
        return self

    @field_validator("allowed_users", mode="before")
    @classmethod
    def _numbers(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        ids = [part.strip() for part in value.split(",") if part.strip()]
        if not all(part.isdecimal() for part in ids):
            raise ValueError(
                "numeric user ids separated by commas are needed, not names: write to the bot, it tells yours"
            )
        return frozenset(int(part) for part in ids)
