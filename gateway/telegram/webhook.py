"""Updates that Telegram sends to us. One is acknowledged when it is durable, and asked for again when not.

The door is there from the start, so that the server can be up before the bot is: until then, and while
something is away, it answers 503 and Telegram comes back with the same update.
"""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
import structlog
from litestar import Request, Response, Router, post
from pydantic import SecretStr

from agentops.errors import AgentOpsError
from gateway.telegram import metrics
from gateway.telegram.errors import TelegramError

log = structlog.get_logger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
LARGEST_BYTES = 1_000_000
RETRY_AFTER_S = 2

Receive = Callable[[dict[str, Any], float], Awaitable[None]]
"""Takes an update, and when it came; returns once it is durable, raises when it is not, not now."""


class Webhook:
    """The way in for updates."""

    def __init__(self, url: str, secret: SecretStr) -> None:
        """Nothing is let through before `open`.

        Args:
            url: As Telegram calls it; its path is the path here.
            secret: What Telegram shows with every update.
        """
        self.url = url
        self.secret = secret
        self._receive: Receive | None = None

    def open(self, receive: Receive) -> None:
        """From now on hand updates on."""
        self._receive = receive

    def close(self) -> None:
        """From now on Telegram has to wait."""
        self._receive = None

    def router(self) -> Router:
        """For the gateway's server to mount."""

        @post("/", status_code=200, request_max_body_size=LARGEST_BYTES, opt={"scopes": None})
        async def take_update(request: Request[Any, Any, Any]) -> Response[None]:
            """One update from Telegram."""
            arrived_at = metrics.arrived()
            if not self._genuine(request.headers.get(SECRET_HEADER, "")):
                client = request.client.host if request.client else None
                log.warning("telegram.webhook_forged", client=client)
                return Response(None, status_code=401)
            return await self._take(await request.body(), arrived_at)

        return Router(urlsplit(self.url).path, route_handlers=[take_update], include_in_schema=False)

    def _genuine(self, shown: str) -> bool:
        # In constant time: how long the refusal takes shall not tell how much of a guess was right.
        return hmac.compare_digest(shown.encode(), self.secret.get_secret_value().encode())

    async def _take(self, body: bytes, arrived_at: float) -> Response[None]:
        try:
            update = msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.DecodeError:
            update = {}
        if not isinstance(update.get("update_id"), int):
            log.warning("telegram.webhook_unreadable", size_bytes=len(body))
            return Response(None, status_code=400)
        if self._receive is None:
            return _later()
        try:
            await self._receive(update, arrived_at)
        except (TelegramError, AgentOpsError, TimeoutError) as error:
            log.warning("telegram.update_postponed", update_id=update["update_id"], kind=type(error).__name__)
            return _later()
        return Response(None, status_code=200)


def _later() -> Response[None]:
    return Response(None, status_code=503, headers={"Retry-After": str(RETRY_AFTER_S)})
