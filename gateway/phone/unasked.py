"""What a call says without being asked: news of the session, and answers that come late."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from gateway.phone import wording
from gateway.phone.approvals import Approvals
from gateway.phone.exchanges import Exchange
from gateway.phone.hearing import Ear
from gateway.session.turns import CALL_ENDED

Say = Callable[[str], Awaitable[bool]]
"""Speaks when nobody else does; False when there is nobody who may hear it."""
_LONGEST = 220

log = structlog.get_logger(__name__)


class Unasked:
    """Of one call."""

    def __init__(self, ear: Ear, approvals: Approvals, say: Say) -> None:
        self._ear = ear
        self._approvals = approvals
        self._say = say
        self._late: asyncio.Queue[Exchange] = asyncio.Queue()

    def put_off(self, exchange: Exchange) -> None:
        """The caller need not wait for this answer: it is told when it comes."""
        exchange.late = True
        self._late.put_nowait(exchange)

    async def run(self) -> None:
        """Speak until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._news())
            group.create_task(self._late_answers())
            group.create_task(self._belated_answers())

    async def _news(self) -> None:
        while True:
            notice = await self._ear.notices.get()
            if notice.kind == CALL_ENDED:
                continue
            if await self._say(_shortened(notice.text) + await self._approvals.hint(notice.text)):
                log.info("notice.spoken", notice_id=notice.id)

    async def _late_answers(self) -> None:
        while True:
            exchange = await self._late.get()
            reply = await exchange.answer.finished()
            exchange.heard = await self._say(wording.late(exchange.turn.text, _shortened(reply.text)))
            log.info("answer.spoken_late", turn_id=exchange.turn.id, heard=exchange.heard)

    async def _belated_answers(self) -> None:
        while True:
            reply = await self._ear.belated.get()
            await self._say(wording.belated(_shortened(reply.text)))


def _shortened(text: str) -> str:
    """What is bearable to hear in between; the whole of it is on the other channels."""
    words = text.strip()
    if len(words) <= _LONGEST:
        return words
    cut = words[:_LONGEST]
    return cut[: cut.rfind(". ") + 1] or f"{cut.rpartition(' ')[0]}…"
