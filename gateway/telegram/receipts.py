"""Reactions as receipts: 👀 for taken, 👍 for answered, 👎 for not. Best effort, one at a time."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from gateway.telegram.errors import SlowDown, TelegramError
from gateway.telegram.places import MessageRef

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)

SEEN, ANSWERED, FAILED = "👀", "👍", "👎"
_MOST_WAITING = 100


class Receipts:
    """The reactions that are still to be shown; a newer one of a message replaces an older one."""

    def __init__(self, api: "TelegramApi", *, enabled: bool) -> None:
        self._api = api
        self._enabled = enabled
        self._waiting: dict[MessageRef, str] = {}
        self._more = asyncio.Event()

    def show(self, message: MessageRef | None, emoji: str) -> None:
        """Show it soon, or never when too many wait: messages go before receipts."""
        if not self._enabled or message is None or len(self._waiting) >= _MOST_WAITING:
            return
        self._waiting.pop(message, None)
        self._waiting[message] = emoji
        self._more.set()

    async def run(self) -> None:
        """Show them until cancelled."""
        while True:
            await self._more.wait()
            while self._waiting:
                message = next(iter(self._waiting))
                await self._react(message, self._waiting.pop(message))
            self._more.clear()

    async def _react(self, message: MessageRef, emoji: str) -> None:
        try:
            await self._api.react(message, emoji)
        except SlowDown as error:
            await asyncio.sleep(error.after_s)
        except TelegramError as error:  # reactions may be forbidden in a group
            log.debug("telegram.reaction_failed", reason=str(error))
