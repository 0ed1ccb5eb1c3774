"""One reader of the log per process, and any number of live listeners behind it.

A listener registers at the feed's position, replays from its own cursor up to that position out of the
database, and takes everything behind it from its queue: no gap and no duplicate, because both halves
follow the one order of the log.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress

import msgspec
import structlog

from agentops.wire import Event
from ledger.engine import AWAY, LedgerEngine
from ledger.events.horizon import still_kept
from ledger.events.log import Cursor, EventFilter, cursor_of, now, read_between, read_live

BATCH = 500
MAX_WAITING = 5_000
"""Events that a slow listener may fall behind before it is told to come again."""
SETTLE_S = 0.005
PACE_S = 50e-6
"""Pause after a broadcast for each listener: the more there are, the more events share a frame."""
MAX_PACE_S = 0.1
RETRY_S = 0.5

log = structlog.get_logger(__name__)


class Lagged(Exception):
    """The listener was too slow; it has to replay from its last cursor."""


class Listener:
    """A queue of encoded events behind one connection."""

    def __init__(self, wanted: EventFilter, start: Cursor) -> None:
        self.wanted = wanted
        self.start = start
        self._waiting: deque[bytes] = deque()
        self._bell = asyncio.Event()
        self._lagged = False

    def offer(self, encoded: Sequence[bytes]) -> None:
        """Takes events that it wants, if there is room."""
        if self._lagged:
            return
        self._lagged = len(self._waiting) >= MAX_WAITING
        if self._lagged:
            self._waiting.clear()
        else:
            self._waiting.extend(encoded)
        self._bell.set()

    async def take(self) -> list[bytes]:
        """Everything that waits, up to one frame; waits for the first.

        Raises:
            Lagged: events were dropped.
        """
        while not self._waiting:
            if self._lagged:
                raise Lagged
            self._bell.clear()
            await self._bell.wait()
        return [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]


class Feed:
    """Reads the log when woken, and at least every `poll_s`, for all listeners of this process."""

    def __init__(self, db: LedgerEngine, *, poll_s: float = 1.0) -> None:
        self._db = db
        self._poll_s = poll_s
        self._bell = asyncio.Event()
        self._started = asyncio.Event()
        self._position = Cursor(0, 0)
        self._listeners: set[Listener] = set()
        self._readers = 0
        """Listeners, and those that are about to be."""

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return len(self._listeners)

    def wake(self) -> None:
        """There may be something new."""
        self._bell.set()

    async def run(self) -> None:
        """Reads until cancelled; a database that is away is asked again."""
        while True:
            try:
                if not self._started.is_set():
                    self._position = await now(self._db)
                    self._started.set()
                await self._follow()
            except AWAY as error:
                log.warning("feed.interrupted", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
            except Exception:
                log.exception("feed.failed")
                await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        while True:
            if not self._readers:
                await self._rest()
            self._bell.clear()
            batch = await read_live(self._db, self._position, BATCH)
            self._broadcast(batch.events)
            self._position = batch.last
            if batch.events:
                await asyncio.sleep(min(MAX_PACE_S, PACE_S * len(self._listeners)))
            if len(batch.events) < BATCH:
                await self._wait(SETTLE_S if batch.unsettled else self._poll_s)

    async def _rest(self) -> None:
        """Reads nothing while nobody listens; then goes on from where the log is."""
        self._started.clear()
        while not self._readers:
            self._bell.clear()
            await self._bell.wait()
        self._position = await now(self._db)
        self._started.set()

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()

    def _broadcast(self, events: Sequence[Event]) -> None:
        if not self._listeners:
            return
        """Chooses once for all listeners that want the same."""
        encoded = [(event, msgspec.json.encode(event)) for event in events]
        chosen: dict[EventFilter, list[bytes]] = {}
        for listener in self._listeners:
            wanted = listener.wanted
            if wanted not in chosen:
                chosen[wanted] = [text for event, text in encoded if wanted.wants(event)]
            if chosen[wanted]:
                listener.offer(chosen[wanted])

    @contextmanager
    def _listening(self, wanted: EventFilter) -> Iterator[Listener]:
        listener = Listener(wanted, self._position)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def listen(self, wanted: EventFilter, after: Cursor | None) -> AsyncIterator[list[bytes]]:
        """Encoded events behind `after` (None: from now on), for ever, in frames.

        Raises:
            Lagged: the caller took them too slowly.
            CursorExpired: events behind `after` are no longer kept.
        """
        with self._reading():
            await self._started.wait()
            async for frame in self._listen(wanted, after):
                yield frame

    @contextmanager
    def _reading(self) -> Iterator[None]:
        self._readers += 1
        self._bell.set()
        try:
            yield
        finally:
            self._readers -= 1

    async def _listen(self, wanted: EventFilter, after: Cursor | None) -> AsyncIterator[list[bytes]]:
        with self._listening(wanted) as listener:
            at = listener.start if after is None else after
            while at < listener.start:
                events = await read_between(self._db, at, listener.start, BATCH)
                await still_kept(self._db, at)
                frame = [msgspec.json.encode(event) for event in events if wanted.wants(event)]
                if frame:
                    yield frame
                if len(events) < BATCH:
                    break
                at = cursor_of(events[-1].cursor)
            async for frame in _live(listener, at):
                yield frame


async def _live(listener: Listener, at: Cursor) -> AsyncIterator[list[bytes]]:
    """The queue, without what a client has that read the log faster than the feed did."""
    ahead = at > listener.start
    while True:
        frame = await listener.take()
        if ahead:
            fresh = [one for one in frame if cursor_of(msgspec.json.decode(one, type=_Place).cursor) > at]
            ahead = len(fresh) < len(frame)
            frame = fresh
        if frame:
            yield frame


class _Place(msgspec.Struct):
    cursor: str
