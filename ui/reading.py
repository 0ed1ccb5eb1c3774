"""What pages show of the ledger: read once, read anew when an event touches it, shared by all tabs.

A reading costs nothing while nobody watches it. Two tabs that watch the same one agree by construction.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Generic, TypeVar

import structlog

from agentops.errors import AgentOpsError
from agentops.wire import Event
from ui import metrics
from ui.live import BURST_S, Live, Refresher, Stop, Workers

log = structlog.get_logger(__name__)

RETRY_S = 1.0
KEPT_S = 5.0
"""For so long what was asked for stays fresh: the tab that asked begins to watch within this time."""
T = TypeVar("T")
Key = TypeVar("Key", bound=Hashable)
Touches = Callable[[Event], bool]
TELL_S = 0.04
"""News of a burst reach the tabs together, at most once in this time."""
SETTLE_S = 1.0
"""So long after news that were taken from events alone, the ledger is asked how it really stands."""


@dataclass(frozen=True)
class Applied(Generic[T]):
    """A value moved on by an event, and whether that was all that there is to it."""

    value: T
    sure: bool


Apply = Callable[[T, Event], Applied[T]]


def of_types(*patterns: str) -> Touches:
    """Events of these types; `task.*` means all that begin so."""
    exact = frozenset(pattern for pattern in patterns if not pattern.endswith("*"))
    beginnings = tuple(pattern[:-1] for pattern in patterns if pattern.endswith("*"))
    return lambda event: event.type in exact or event.type.startswith(beginnings)


@dataclass(frozen=True)
class Following:
    """Where readings hear of changes and run their loads."""

    live: Live
    workers: Workers


class Reading(Generic[T]):
    """One thing that pages show.

    Args:
        load: reads it from the ledger.
        touches: which events make it old.
        following: where it hears of them.
        pause_s: at most one load in this time.
        pulse_s: load this often while somebody watches, for what changes without an event; None: never.
        apply: moves the value on by an event, so that tabs show it before the ledger is asked; None: cannot.
    """

    def __init__(
        self,
        load: Callable[[], Awaitable[T]],
        touches: Touches,
        following: Following,
        *,
        pause_s: float = BURST_S,
        pulse_s: float | None = None,
        apply: Apply[T] | None = None,
    ) -> None:
        self.value: T | None = None
        self.lost = False
        """The last load failed: the value may be old."""
        self._load = load
        self._touches = touches
        self._pulse_s = pulse_s
        self._beats = 0
        self._live = following.live
        self._workers = following.workers
        self._watchers: dict[int, Callable[[], None]] = {}
        self._ids = count()
        self._deaf: Stop | None = None
        self._apply = apply
        self._meanwhile: list[list[Event]] = []
        """What was heard since each load that is under way began."""
        workers = following.workers
        self._refresher = Refresher(self._refresh, workers, pause_s=pause_s)
        self._settler = Refresher(self._refresh, workers, pause_s=pause_s, delay_s=SETTLE_S)
        self._teller = Refresher(self._tell_all, workers, pause_s=TELL_S)

    @property
    def watched(self) -> bool:
        """Whether some tab shows it."""
        return bool(self._watchers)

    def watch(self, changed: Callable[[], None]) -> Stop:
        """Call `changed` after every change, until the returned function is called."""
        if self._deaf is None:
            self._deaf = self._live.listen(self._heard)
            self._restart = self._live.on_start(self.poke)
            self._beats += 1
            if self._pulse_s is not None:
                self._workers.start(self._pulse(self._pulse_s, self._beats), "pulse")
        key = next(self._ids)
        self._watchers[key] = changed
        return lambda: self._unwatch(key)

    async def fresh(self, timeout_s: float) -> T | None:
        """The present value; loads it unless a tab watches it already. Gives up after a while."""
        if self.watched and self.value is not None and not self.lost:
            return self.value
        others = self.watched
        # Listening begins before the load does, so that nothing falls between the two.
        stop = self.watch(_unmoved)
        self._workers.start(_stop_later(stop), "reading")
        try:
            async with asyncio.timeout(timeout_s):
                if await self._read() and others:
                    self._tell()
        except TimeoutError:
            self.lost = True
        return self.value

    def poke(self) -> None:
        """It may have changed."""
        if self._watchers:
            self._refresher.poke()

    async def _pulse(self, every_s: float, beat: int) -> None:
        while self._watchers and self._beats == beat:
            await asyncio.sleep(every_s)
            self.poke()

    def _unwatch(self, key: int) -> None:
        self._watchers.pop(key, None)
        if not self._watchers and self._deaf is not None:
            self._deaf()
            self._restart()
            self._deaf = None

    def _heard(self, event: Event) -> None:
        if not self._touches(event):
            return
        for heard in self._meanwhile:
            heard.append(event)
        if self._apply is None or self.value is None:
            self.poke()
            return
        applied = self._apply(self.value, event)
        if applied.value != self.value:
            self.value = applied.value
            self._tell()
        if self._watchers:
            (self._settler if applied.sure else self._refresher).poke()

    def _tell(self) -> None:
        self._teller.poke()

    async def _tell_all(self) -> None:
        """Each tab in turn; one is sent its news while the next one is told."""
        for changed in tuple(self._watchers.values()):
            changed()
            await asyncio.sleep(0)

    async def _refresh(self) -> None:
        if not self._watchers:
            return
        if await self._read():
            self._tell()
        if self.lost and self._watchers:
            await asyncio.sleep(RETRY_S)
            self._refresher.poke()

    async def _read(self) -> bool:
        """Load; whether that is news."""
        heard: list[Event] = []
        self._meanwhile.append(heard)
        try:
            value = self._moved_on(await self._load(), heard)
        except* AgentOpsError as failed:
            news, self.lost = not self.lost, True
            metrics.STALE.inc()
            log.warning("reading.stale", reason=str(failed.exceptions[0]))
        else:
            news = self.lost or value != self.value
            self.value, self.lost = value, False
        finally:
            self._meanwhile = [other for other in self._meanwhile if other is not heard]
        return news

    def _moved_on(self, value: T, events: Sequence[Event]) -> T:
        """What was loaded may be older than what was heard since the load began."""
        if self._apply is not None:
            for event in events:
                value = self._apply(value, event).value
        return value


class Readings(Generic[Key, T]):
    """Readings by key: tabs with the same question share one answer.

    Args:
        make: a reading for a key.
        most: the longest-unused that nobody watches is forgotten beyond this.
    """

    def __init__(self, make: Callable[[Key], Reading[T]], *, most: int = 50) -> None:
        self._make = make
        self._most = most
        self._known: dict[Key, Reading[T]] = {}

    def of(self, key: Key) -> Reading[T]:
        """The reading for a key."""
        reading = self._known.pop(key, None) or self._make(key)
        self._known[key] = reading
        idle = [other for other, known in self._known.items() if not known.watched and other != key]
        for other in idle[: max(0, len(self._known) - self._most)]:
            del self._known[other]
        return reading


async def _stop_later(stop: Stop) -> None:
    await asyncio.sleep(KEPT_S)
    stop()


def _unmoved() -> None:
    """Nobody looks yet."""
