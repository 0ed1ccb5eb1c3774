"""Shows "typing…" in a chat while a turn of it is being answered."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from gateway.session.turns import TurnId
from gateway.telegram.errors import TelegramError
from gateway.telegram.places import Place

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)

AGAIN_AFTER_S = 4.5
"""Clients show it for five seconds: https://core.telegram.org/bots/api#sendchataction"""
LONGEST_S = 120.0
"""Another replica may deliver the answer, so that nobody here learns of it."""


class Presence:
    """The turns that are under way, by chat. `run` must run beside."""

    def __init__(self, api: "TelegramApi", clock: Callable[[], float]) -> None:
        self._api = api
        self._clock = clock
        self._busy: dict[TurnId, tuple[Place, float]] = {}
        self._began = asyncio.Event()

    def begin(self, turn_id: TurnId, place: Place) -> None:
        """Somebody waits for an answer to this turn."""
        self._busy[turn_id] = (place, self._clock() + LONGEST_S)
        self._began.set()

    def end(self, turn_id: str) -> None:
        """The answer is there, or none will come."""
        self._busy.pop(TurnId(turn_id), None)

    async def run(self) -> None:
        """Show it until cancelled."""
        while True:
            await self._began.wait()
            self._began.clear()
            while places := self._waiting():
                for place in places:
                    await self._show(place)
                await self._pause()

    def _waiting(self) -> set[Place]:
        now = self._clock()
        self._busy = {turn: busy for turn, busy in self._busy.items() if busy[1] > now}
        return {place for place, _ in self._busy.values()}

    async def _show(self, place: Place) -> None:
        try:
            await self._api.show_typing(place)
        except TelegramError as error:
            log.debug("telegram.typing_failed", reason=str(error))

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(AGAIN_AFTER_S):
                await self._began.wait()
        except TimeoutError:
            return
        self._began.clear()
