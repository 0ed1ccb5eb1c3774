"""Telling the ledger how far a task is, without a call for every step."""

import asyncio
import logging

from agentops.client import AgentOpsClient
from agentops.errors import AgentOpsError, StaleClaim
from agentops.wire import Heartbeat
from agentops.worker.endings import MAX_LINE, clean
from agentops.worker.leases import Held, Interruption

log = logging.getLogger(__name__)

LEAST_PAUSE_S = 0.5


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
        self._newest: tuple[float | None, str | None] = (None, None)
        self._there_is_news = asyncio.Event()

    def say(self, share: float | None, note: str | None) -> None:
        """Note it; `run` sends it."""
        kept_share, kept_note = self._newest if self._there_is_news.is_set() else (None, None)
        share = kept_share if share is None else min(max(share, 0.0), 1.0)
        note = kept_note if note is None else clean(note, MAX_LINE)
        self._newest = (share, note)
        self._there_is_news.set()

    async def run(self) -> None:
        """Send until cancelled. Progress that the ledger cannot take now is dropped."""
        while True:
            await self._there_is_news.wait()
            self._there_is_news.clear()
            await self._send(*self._newest)
            await asyncio.sleep(LEAST_PAUSE_S)

    async def _send(self, share: float | None, note: str | None) -> None:
        beat = Heartbeat(epoch=self._held.epoch, lease_s=self._lease_s, progress=share, note=note)
        try:
            state = await self._ops.heartbeat(self._held.task_id, beat)
        except StaleClaim:
            self._held.interrupt(Interruption.LOST)
        except AgentOpsError as error:
            log.debug("progress.dropped code=%s", error.code)
        else:
            if state.cancel_requested:
                self._held.interrupt(Interruption.CANCELLED)
            if state.paused:
                self._held.interrupt(Interruption.PAUSED)
