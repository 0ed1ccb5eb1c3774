"""Telling the ledger how far a task is, without a call for every step."""

import asyncio

import structlog

from agentops import AgentOpsClient, AgentOpsError, StaleClaim
from agentops.wire import Heartbeat
from brain.seed.ending import clean
from brain.seed.leases import Held, Interruption
from brain.seed.protocol import Progress

log = structlog.get_logger(__name__)

_LEAST_PAUSE_S = 0.5
_MAX_NOTE = 500


class ProgressReport:
    """Sends the newest progress, at most twice a second; what came between is never sent.

    Args:
        ops: The ledger.
        held: The claim that it is about.
        lease_s: These calls renew the lease too.
    """

    def __init__(self, ops: AgentOpsClient, held: Held, *, lease_s: int) -> None:
        self._ops = ops
        self._held = held
        self._lease_s = lease_s
        self._newest: Progress | None = None
        self._there_is_news = asyncio.Event()

    def say(self, progress: Progress) -> None:
        """Notes it; `run` sends it."""
        self._newest = progress
        self._there_is_news.set()

    async def run(self) -> None:
        """Sends until cancelled. Progress that the ledger cannot take now is dropped."""
        while True:
            await self._there_is_news.wait()
            self._there_is_news.clear()
            if self._newest:
                await self._send(self._newest)
            await asyncio.sleep(_LEAST_PAUSE_S)

    async def _send(self, progress: Progress) -> None:
        beat = Heartbeat(
            epoch=self._held.epoch,
            lease_s=self._lease_s,
            progress=min(max(progress.progress, 0.0), 1.0),
            note=clean(progress.note, _MAX_NOTE),
        )
        try:
            state = await self._ops.heartbeat(self._held.task_id, beat)
        except StaleClaim:
            self._held.interrupt(Interruption.LOST)
        except AgentOpsError as error:
            log.debug("progress.dropped", code=error.code)
        else:
            if state.cancel_requested:
                self._held.interrupt(Interruption.CANCELLED)
