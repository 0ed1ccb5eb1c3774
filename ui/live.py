"""What changes in the ledger, told to every open tab: one subscription a process, fanned out.

Read models load what they show and listen here for when to load again. They never poll: an event arrives,
the model refreshes once for a whole burst, and the tabs redraw what differs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import aclosing
from typing import Any

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import Event
from ui import metrics

log = structlog.get_logger(__name__)

RETRY_S = 1.0
BURST_S = 0.1

Heard = Callable[[Event], None]
Stop = Callable[[], None]


class Live:
    """The ledger's events, for as many listeners as there are tabs."""

    def __init__(self, ops: AgentOpsClient) -> None:
        self._ops = ops
        self._listeners: dict[int, Heard] = {}
        self._next = 0
        self._ready = asyncio.Event()
        self._resumed: dict[int, Callable[[], None]] = {}

    async def run(self) -> None:
        """Listen for ever, from a pinned cursor on: nothing falls between it and the connection."""
        cursor: str | None = None
        while True:
            try:
                cursor = cursor or (await self._ops.list_events(after=None, limit=1)).cursor
                self._ready.set()
                self._announce()
                async with aclosing(self._ops.subscribe(after=cursor)) as events:
                    async for event in events:
                        cursor = event.cursor
                        metrics.heard(event)
                        self._tell(event)
            except AgentOpsError as error:
                log.warning("events.unavailable", code=error.code, retry_in_s=RETRY_S)
            await asyncio.sleep(RETRY_S)

    async def ready(self) -> None:
        """Wait until the start of the subscription is pinned: what is loaded after this misses nothing."""
        await self._ready.wait()

    def listen(self, heard: Heard) -> Stop:
        """Call `heard` with every event from now on, until the returned function is called."""
        key = self._next = self._next + 1
        self._listeners[key] = heard
        return lambda: self._forget(key)

    def on_start(self, started: Callable[[], None]) -> Stop:
        """Call `started` whenever listening begins anew, until the returned function is called."""
        key = self._next = self._next + 1
        self._resumed[key] = started
        return lambda: self._forget(key)

    def _forget(self, key: int) -> None:
        self._listeners.pop(key, None)
        self._resumed.pop(key, None)

    def _announce(self) -> None:
        for started in tuple(self._resumed.values()):
            started()

    def _tell(self, event: Event) -> None:
        for heard in tuple(self._listeners.values()):
            try:
                heard(event)
            except Exception:
                log.exception("event.unhandled", type=event.type)


class Workers:
    """Short jobs of tabs, inside the task group of the process: none is lost, none takes it down."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group

    def start(self, job: Coroutine[Any, Any, None], name: str) -> None:
        """Run a job beside everything else; what it raises is logged."""
        self._group.create_task(self._guarded(job, name), name=name)

    @staticmethod
    async def _guarded(job: Coroutine[Any, Any, None], name: str) -> None:
        try:
            await job
        except Exception:
            log.exception("job.failed", job=name)


class Refresher:
    """Runs `refresh` at once when poked, then at most once for each `pause_s`, however often it is poked.

    Args:
        refresh: loads anew; what it raises is logged by `workers`.
        workers: where it runs.
        pause_s: bursts within this time are one refresh.
        delay_s: so long after the first poke, for what may follow the rest.
    """

    def __init__(
        self,
        refresh: Callable[[], Awaitable[None]],
        workers: Workers,
        *,
        pause_s: float = BURST_S,
        delay_s: float = 0.0,
    ) -> None:
        self._refresh = refresh
        self._workers = workers
        self._pause_s = pause_s
        self._delay_s = delay_s
        self._wanted = False
        self._running = False

    def poke(self) -> None:
        """Something has changed."""
        self._wanted = True
        if not self._running:
            self._running = True
            self._workers.start(self._drain(), "refresh")

    async def _drain(self) -> None:
        try:
            await asyncio.sleep(self._delay_s)
            while self._wanted:
                self._wanted = False
                await self._refresh()
                await asyncio.sleep(self._pause_s)
        finally:
            self._running = False
