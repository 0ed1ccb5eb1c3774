"""Asks the Bot API who a token belongs to and how its updates arrive; for setting up and for `cos doctor`."""

from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import msgspec
from pydantic import SecretStr

from ops.errors import TelegramRefused

T = TypeVar("T")

TIMEOUT_S = 10


class Account(msgspec.Struct, frozen=True):
    """`getMe`."""

    id: int
    username: str = ""
    first_name: str = ""
    can_join_groups: bool = True
    can_read_all_group_messages: bool = False


class WebhookInfo(msgspec.Struct, frozen=True):
    """`getWebhookInfo`; an empty URL means that updates are polled for."""

    url: str = ""
    pending_update_count: int = 0
    last_error_message: str = ""


class _Answer(msgspec.Struct, frozen=True):
    ok: bool
    result: msgspec.Raw = msgspec.Raw(b"null")
    description: str = ""


@dataclass(frozen=True)
class BotApi:
    """One bot. The token never appears in what is raised."""

    token: SecretStr
    base: str = "https://api.telegram.org"

    async def account(self) -> Account:
        """Whose token it is."""
        return await self._ask("getMe", Account)

    async def webhook(self) -> WebhookInfo:
        """Where updates go."""
        return await self._ask("getWebhookInfo", WebhookInfo)

    async def _ask(self, method: str, kind: type[T]) -> T:
        """One call.

        Raises:
            TelegramRefused: the server cannot be reached, or refuses.
        """
        url = f"{self.base.rstrip('/')}/bot{self.token.get_secret_value().strip()}/{method}"
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
                said = msgspec.json.decode((await client.post(url)).content, type=_Answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise TelegramRefused(_unreachable(self.base, error)) from None
        except msgspec.MsgspecError:
            raise TelegramRefused(f"What answers at {self.base} does not speak the Bot API.") from None
        if not said.ok:
            raise TelegramRefused(_refused(said.description))
        return msgspec.json.decode(said.result, type=kind)


def _unreachable(base: str, error: Exception) -> str:
    # The error's own text may quote the URL, and with it the token.
    return (
        f"{base} cannot be reached ({type(error).__name__}). Check the network, a proxy (HTTPS_PROXY), "
        "or TELEGRAM_API_BASE."
    )


def _refused(description: str) -> str:
    if description in {"Unauthorized", "Not Found"}:
        return "Telegram does not know this token. Copy it again from @BotFather (/mybots, API Token)."
    return f"Telegram refuses: {description}"


def token_of(told: Any) -> SecretStr | None:
    """The token in an environment."""
    token = str(told.get("TELEGRAM_BOT_TOKEN", "")).strip()
    return SecretStr(token) if token else None
