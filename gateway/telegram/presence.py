"""Shows "typing…" in a chat while a turn of it is being answered."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from gateway.session.turns import TurnId
from gateway.telegram.errors import TelegramError
from gateway.telegram.places import Place

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)

FIRST_AFTER_S = 0.4
"""Most answers are there by then; a call for each of them would only stand in their way."""
AGAIN_AFTER_S = 4.5
"""Clients show it for five seconds: https://core.telegram.org/bots/api#sendchataction"""
LONGEST_S = 120.0
"""Another replica may deliver the answer, so that nobody here learns of it."""


@dataclass(slots=True)
class _Busy:
    """A turn that is being answered; times are the clock's."""

    place: Place
    show_at: float
    until: float


class Presence:
    """The turns that are under way, by chat. `run` must run beside."""

    def __init__(self, api: "TelegramApi", clock: Callable[[], float]) -> None:
        self._api = api
        self._clock = clock
        self._busy: dict[TurnId, _Busy] = {}
        self._began = asyncio.Event()

    def begin(self, turn_id: TurnId, place: Place) -> None:
        """Somebody waits for an answer to this turn."""
        now = self._clock()
        self._busy[turn_id] = _Busy(place, now + FIRST_AFTER_S, now + LONGEST_S)
        self._began.set()

    def end(self, turn_id: str) -> None:
        """The answer is there, or none will come."""
        self._busy.pop(TurnId(turn_id), None)

    async def run(self) -> None:
        """Show it until cancelled."""
        while True:
            for place in self._due():
                await self._show(place)
            await self._pause()

    def _due(self) -> set[Place]:
        """Where it is time to show it, each once, and not again for some seconds."""
        now = self._clock()
        self._busy = {turn: busy for turn, busy in self._busy.items() if busy.until > now}
        due = {busy.place for busy in self._busy.values() if busy.show_at <= now}
        for busy in self._busy.values():
            if busy.place in due:
                busy.show_at = now + AGAIN_AFTER_S
        return due

    async def _show(self, place: Place) -> None:
        try:
            await self._api.show_typing(place)
        except TelegramError as error:
            log.debug("telegram.typing_failed", reason=str(error))

    async def _pause(self) -> None:
        """Until the next is due; a turn that began meanwhile may be due sooner."""
        self._began.clear()
        soonest = min((busy.show_at for busy in self._busy.values()), default=None)
        wait_s = None if soonest is None else max(0.0, soonest - self._clock())
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._began.wait()
