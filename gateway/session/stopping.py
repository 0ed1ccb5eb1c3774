"""Stopping the turn that runs, on whichever brain it does.

`append` marks the turn in the store and says so on the wire; the brain that holds it cancels its handler.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import structlog

from gateway.errors import TurnStopped
from gateway.session.turns import Reply, TurnId

STOPPED = "Stopped. What I had already changed stays as it is; /status shows it."
IS_STOPPED = "I stopped what I was doing in this conversation."
NOTHING_RUNS = "There is nothing to stop: I am not working on any message of this conversation."

_CHECK_EVERY_S = 2.0
"""Should the word on the wire be missed."""
_PATIENCE_S = 2.0
"""How long a cancelled handler may take to end; the session does not wait any longer for it."""

log = structlog.get_logger(__name__)


class Running:
    """The turns that run in this process."""

    def __init__(self) -> None:
        self._told: dict[TurnId, asyncio.Event] = {}

    def stop(self, turn_id: TurnId) -> None:
        """Tell whoever works on this turn, if somebody here does."""
        if told := self._told.get(turn_id):
            told.set()

    @contextmanager
    def watched(self, turn_id: TurnId) -> Iterator[asyncio.Event]:
        """An event that is set when the turn may have to stop."""
        told = self._told[turn_id] = asyncio.Event()
        try:
            yield told
        finally:
            del self._told[turn_id]


async def until_done_or_stopped(
    work: asyncio.Future[Reply], told: asyncio.Event, wanted: Callable[[], Awaitable[bool]]
) -> Reply:
    """What the work comes to. It has ended when this returns or raises.

    Args:
        work: The handler at work.
        told: Set when it may have to stop.
        wanted: Whether it really shall.

    Raises:
        TurnStopped: It shall.
    """
    watch: asyncio.Future[Any] = asyncio.ensure_future(_until_stopped(told, wanted))
    try:
        await asyncio.wait([work, watch], return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        watch.result()
    finally:
        for one in (work, watch):
            one.cancel()
        await _ended(work, watch)
    raise TurnStopped("the person stopped this turn")


async def _until_stopped(told: asyncio.Event, wanted: Callable[[], Awaitable[bool]]) -> None:
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CHECK_EVERY_S):
                await told.wait()
        told.clear()
        if await wanted():
            return


async def _ended(*ending: asyncio.Future[Any]) -> None:
    _, stubborn = await asyncio.wait(ending, timeout=_PATIENCE_S)
    if stubborn:
        log.error("turn.does_not_stop", after_s=_PATIENCE_S)
    for one in ending:
        if one.done() and not one.cancelled():
            one.exception()  # seen, or asyncio would complain that nobody looked
