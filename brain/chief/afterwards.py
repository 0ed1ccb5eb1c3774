"""What is done when the person has their answer: usage written down, a long conversation summarised."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog

from agentops.wire import TurnRecord
from brain.chief.memory import Conversation
from brain.chief.minds import Minds, thinks
from brain.chief.spending import Spending, Used
from brain.chief.summaries import KEPT, SUMMARISED_AT, Summaries, Summary, summarised
from brain.chief.work import TurnWork

log = structlog.get_logger(__name__)


class Afterwards:
    """Runs beside the next turns."""

    def __init__(
        self,
        minds: Minds,
        spending: Spending,
        summaries: Summaries,
        forget: Callable[[str], None],
        *,
        timeout_s: float,
    ) -> None:
        """
        Args:
            minds: Whose talking model summarises.
            spending: Where usage is written down.
            summaries: Where summaries are kept.
            forget: Has a session's conversation read anew.
            timeout_s: For one summary.
        """
        self._minds = minds
        self._spending = spending
        self._summaries = summaries
        self._forget = forget
        self._timeout_s = timeout_s
        self._running: set[asyncio.Task[None]] = set()

    async def settled(self) -> None:
        """Wait for all of it."""
        while self._running:
            await asyncio.wait(set(self._running))

    def used(self, work: TurnWork, used: Sequence[Used]) -> None:
        """Write down what a turn used."""
        self._later(self._spending.record(work.session_id, used))

    def lengthened(self, session_id: str, conversation: Conversation, before: Summary) -> None:
        """Summarise a conversation that has grown long, all but its newest turns."""
        if not thinks(self._minds.talking):
            conversation.words = conversation.words[-KEPT:]
        if len(conversation.words) < SUMMARISED_AT:
            return
        old, conversation.words = conversation.words[:-KEPT], conversation.words[-KEPT:]
        self._later(self._summarise(session_id, before, old))

    async def _summarise(self, session_id: str, before: Summary, old: Sequence[TurnRecord]) -> None:
        try:
            async with asyncio.timeout(self._timeout_s):
                summary = await summarised(self._minds.talking, before, old)
        except Exception:
            # The turns are still there; the next turn tries again.
            log.exception("summary.failed", session_id=session_id)
        else:
            await self._summaries.save(session_id, summary)
        self._forget(session_id)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
