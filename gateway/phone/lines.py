"""The calls that are held in this process: how many there may be, and letting them end before we stop."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from gateway.phone.metrics import CALLS, REFUSED

FAREWELL_S: Final = 8.0
"""For the last sentence of those who are told to end."""
RESERVED_S: Final = 15.0
"""How long a call that was let in keeps its place until its sound comes."""

log = structlog.get_logger(__name__)


class Lines:
    """A place for each call. Places are reserved when a call is let in, and taken when its sound comes."""

    def __init__(self, most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._reserved: dict[str, float] = {}
        self._held = 0
        self._none_held = asyncio.Event()
        self._none_held.set()
        self.closing = asyncio.Event()
        """Set when nobody new is let in."""
        self.out_of_time = asyncio.Event()
        """Set when those who still talk are told that it ends now."""

    @property
    def held(self) -> int:
        """Calls right now."""
        return self._held

    def reserve(self, call_id: str) -> bool:
        """Keep a place for a call; False when all are taken or we are about to stop."""
        now = self._clock()
        self._reserved = {one: until for one, until in self._reserved.items() if until > now}
        if self.closing.is_set() or self._held + len(self._reserved) >= self._most:
            REFUSED.labels("closing" if self.closing.is_set() else "busy").inc()
            log.warning("call.no_line", held=self._held, most=self._most, closing=self.closing.is_set())
            return False
        self._reserved[call_id] = now + RESERVED_S
        return True

    @contextmanager
    def held_by(self, call_id: str) -> Iterator[None]:
        """Take the place that was reserved, or any that is free at another gateway's word."""
        self._reserved.pop(call_id, None)
        self._held += 1
        CALLS.set(self._held)
        self._none_held.clear()
        try:
            yield
        finally:
            self._held -= 1
            CALLS.set(self._held)
            if self._held == 0:
                self._none_held.set()

    async def drain(self, within_s: float) -> bool:
        """Let in nobody new and wait for the others to end; whether they did without being told to."""
        self.closing.set()
        if await self._empty(within_s):
            return True
        self.out_of_time.set()
        await self._empty(FAREWELL_S)
        return False

    async def _empty(self, within_s: float) -> bool:
        if self._held == 0:
            return True
        log.info("calls.draining", held=self._held, within_s=within_s)
        try:
            async with asyncio.timeout(within_s):
                await self._none_held.wait()
        except TimeoutError:
            return False
        return True
