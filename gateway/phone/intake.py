"""What a caller says, on its way into the session: one after the other, and kept while the store is away."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from gateway.errors import Busy
from gateway.session.stream import SessionStream
from gateway.session.turns import Turn

log = structlog.get_logger(__name__)


class Intake:
    """One call's. A turn carries the utterance's id, so that trying for long takes it once."""

    def __init__(self, stream: SessionStream) -> None:
        self._stream = stream
        self._last: asyncio.Task[None] | None = None

    def take(self, turn: Turn, *, behind: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
        """Put a turn into the session, behind those before it; goes on when nobody waits for it any more.

        Args:
            turn: What was said.
            behind: What has to be on record before.

        Returns:
            Done when the turn is durable; raises `Busy` when it was refused.
        """
        self._last = asyncio.create_task(self._put(turn, behind, self._last), name=f"turn {turn.id}")
        self._last.add_done_callback(_seen)
        return self._last

    async def _put(
        self, turn: Turn, behind: Callable[[], Awaitable[None]], before: "asyncio.Task[None] | None"
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        await behind()
        await self._stream.append(turn)

    async def settle(self, within_s: float) -> bool:
        """Until all of it is in the session; gives up, and says so, when that takes longer."""
        if self._last is None or self._last.done():
            return True
        await asyncio.wait([self._last], timeout=within_s)
        if self._last.done():
            return True
        self._last.cancel()
        log.error("call.turn_lost", within_s=within_s)
        return False


def _seen(task: "asyncio.Task[None]") -> None:
    """Who waits is told; who waits no more has heard why from the log."""
    if not task.cancelled() and isinstance(error := task.exception(), Busy):
        log.warning("call.turn_refused", reason=str(error))
