"""Reactions as receipts: 👀 for taken, 👍 for answered, 👎 for not. Best effort, one at a time."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from gateway.telegram.errors import SlowDown, TelegramError
from gateway.telegram.places import MessageRef

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)

SEEN, ANSWERED, FAILED = "👀", "👍", "👎"
SEEN_AFTER_S = 0.4
"""Most answers are there by then; a call for each of them would only stand in their way."""
_MOST_WAITING = 100


@dataclass(frozen=True, slots=True)
class _Due:
    emoji: str
    at: float
    """By the clock."""


class Receipts:
    """The reactions that are still to be shown; a newer one of a message replaces an older one."""

    def __init__(self, api: "TelegramApi", clock: Callable[[], float], *, enabled: bool) -> None:
        self._api = api
        self._clock = clock
        self._enabled = enabled
        self._waiting: dict[MessageRef, _Due] = {}
        self._more = asyncio.Event()

    def show(self, message: MessageRef | None, emoji: str) -> None:
        """Show it soon, or never when too many wait: messages go before receipts."""
        if not self._enabled or message is None or len(self._waiting) >= _MOST_WAITING:
            return
        self._waiting.pop(message, None)
        self._waiting[message] = _Due(emoji, self._clock() + (SEEN_AFTER_S if emoji == SEEN else 0.0))
        self._more.set()

    async def run(self) -> None:
        """Show them until cancelled."""
        while True:
            self._more.clear()
            now = self._clock()
            for message in [one for one, due in self._waiting.items() if due.at <= now]:
                # A newer one may have taken its place while those before it were shown.
                if (due := self._waiting.pop(message, None)) is not None:
                    await self._react(message, due.emoji)
            await self._pause()

    async def _pause(self) -> None:
        """Until the next is due; one that comes meanwhile may be due sooner."""
        soonest = min((due.at for due in self._waiting.values()), default=None)
        wait_s = None if soonest is None else max(0.0, soonest - self._clock())
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._more.wait()

    async def _react(self, message: MessageRef, emoji: str) -> None:
        try:
            await self._api.react(message, emoji)
        except SlowDown as error:
            await asyncio.sleep(error.after_s)
        except TelegramError as error:  # reactions may be forbidden in a group
            log.debug("telegram.reaction_failed", reason=str(error))
