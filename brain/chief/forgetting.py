"""Whoever is forgotten in the ledger is forgotten here: what the chief keeps beside it goes along.

The ledger holds what was said; Redis holds what was made of it: a session's summary and notes, and the facts
about a person. Whichever way somebody is removed, by the panel, the command line or the API, this hears it.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from agentops import AgentOpsClient, AgentOpsError
from agentops.errors import CursorExpired
from agentops.wire import Event
from brain.chief.facts import facts_group
from brain.chief.notes import notes_key
from brain.chief.summaries import summary_key
from gateway.session.memos import Memos

_CURSOR = "chief:forgotten-to"
_FROM_THE_BEGINNING = "0"
_KEEP_S = 10 * 365 * 86_400
_AFTER_A_FAULT_S = 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Forgetting:
    """Follows the ledger. Any number of chiefs may: forgetting twice is forgetting."""

    ops: AgentOpsClient
    memos: Memos
    unload: Callable[[str], None]
    """Drops a session's conversation from this process."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._follow(await self.memos.get(_CURSOR) or _FROM_THE_BEGINNING)
            except CursorExpired:
                # What was in the gap is behind the retention of events; all that is kept is looked at again.
                await self.memos.drop(_CURSOR)
            except AgentOpsError as away:
                log.warning("forgetting.interrupted", code=away.code)
            await asyncio.sleep(_AFTER_A_FAULT_S)

    async def _follow(self, after: str) -> None:
        events = self.ops.subscribe("session.forgotten", "person.deleted", after=after)
        async with aclosing(events):
            async for event in events:
                await self._forget(event)
                await self.memos.put(_CURSOR, event.cursor, keep_s=_KEEP_S)

    async def _forget(self, event: Event) -> None:
        if event.type == "person.deleted":
            await self.memos.drop(facts_group(event.entity_id))
        else:
            self.unload(event.entity_id)
            await self.memos.drop(notes_key(event.entity_id))
            await self.memos.drop(summary_key(event.entity_id))
        log.info("memory.forgotten", type=event.type, entity_id=event.entity_id)
