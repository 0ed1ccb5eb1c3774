"""From the ledger's events to notices, each told once, whatever restarts in between."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime

import structlog
from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.errors import CursorExpired, ValidationFailed
from agentops.wire import Event
from gateway.identity.directory import Directory
from gateway.notify.audience import Audience
from gateway.notify.calling import CallsWanted
from gateway.notify.holding import Holding
from gateway.notify.ladder import Ladder
from gateway.notify.news import CHANGES_PEOPLE, CLOSES_A_GATE, TOLD, News, news_of
from gateway.notify.planning import plan
from gateway.notify.teller import Teller
from gateway.session.redis_client import patiently
from gateway.session.turns import Notice, SessionId

log = structlog.get_logger(__name__)

_AFTER_A_FAULT_S = 1.0
_TRIES = 5


class Cursor:
    """How far the ledger's events were told; kept in Redis, shared by all gateways."""

    def __init__(self, redis: Redis, key: str = "cos:notify:cursor") -> None:
        self._redis = redis
        self._key = key

    async def load(self) -> str | None:
        """None when nothing was ever saved, or Redis lost everything."""
        stored = await patiently(lambda: self._redis.get(self._key))
        return stored.decode() if isinstance(stored, bytes) else stored

    async def save(self, cursor: str) -> None:
        """Move on. Two gateways may move it back and forth a little; notices are told once all the same."""
        await patiently(lambda: self._redis.set(self._key, cursor))


class Notifier:
    """Listens to the ledger, and tells or keeps what people want to hear of."""

    def __init__(
        self,
        ops: AgentOpsClient,
        cursor: Cursor,
        *,
        directory: Directory,
        audience: Audience,
        teller: Teller,
        holding: Holding,
        ladder: Ladder,
        calls: CallsWanted,
        main: SessionId,
        public_url: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._ops = ops
        self._cursor = cursor
        self._directory = directory
        self._audience = audience
        self._teller = teller
        self._holding = holding
        self._ladder = ladder
        self._calls = calls
        self._main = main
        self._public_url = public_url.rstrip("/")
        self._clock = clock
        self._failures: tuple[str, int] = ("", 0)

    async def run(self) -> None:
        """Tell until cancelled. What happened while nobody listened is told at the next start."""
        while True:
            try:
                await self._listen(await self._start())
            except (ValidationFailed, CursorExpired):
                # A ledger that was set up anew does not know the old cursor; after long it keeps it no more.
                log.warning("notify.cursor_refused")
                await self._cursor.save(await self._now())
            except Exception:
                log.exception("notify.failed")
                await asyncio.sleep(_AFTER_A_FAULT_S)

    async def _start(self) -> str:
        """Where to begin. Saved at once, so that a crash before the first event loses nothing."""
        cursor = await self._cursor.load()
        if cursor is None:
            cursor = await self._now()
            await self._cursor.save(cursor)
        return cursor

    async def _now(self) -> str:
        return (await self._ops.list_events(after=None)).cursor

    async def _listen(self, cursor: str) -> None:
        wanted = (*TOLD, *CLOSES_A_GATE, *CHANGES_PEOPLE)
        async with aclosing(self._ops.subscribe(*wanted, after=cursor)) as events:
            async for event in events:
                await self._try(event)
                await self._cursor.save(event.cursor)

    async def _try(self, event: Event) -> None:
        """Tell one event; after so many failures the next ones must not wait any longer."""
        try:
            await self.take(event)
        except Exception:
            before, times = self._failures
            times = times + 1 if before == event.cursor else 1
            self._failures = (event.cursor, times)
            if times < _TRIES:
                raise
            log.exception("notice.given_up", cursor=event.cursor, task_id=event.task_id)

    async def take(self, event: Event) -> None:
        """Do what an event asks for; harmless to repeat."""
        if event.type.startswith(("person.", "preferences.")):
            self._directory.forget()
        if event.type in CLOSES_A_GATE:
            await self._ladder.end(event.entity_id, how=event.type.removeprefix("gate."))
        news = news_of(event, self._main)
        if news is not None:
            await self._tell(news, event)
        await self._calls.begin(event)

    async def _tell(self, news: News, event: Event) -> None:
        now = self._clock()
        recipient = await self._audience.of(news.session_id)
        asks = news.gate_id is not None
        planned = plan(news.kind, recipient.preferences, recipient.zone, now, asks=asks)
        if planned is None:
            return
        notice = Notice(
            id=news.id,
            session_id=news.session_id,
            kind=news.kind,
            text=news.text,
            task_id=event.task_id,
            gate_id=news.gate_id,
            attachments=await self._teller.attachments(event),
            ring=planned.ring,
            url=self._url(news),
            at=event.at,
        )
        await self._holding.place(notice, recipient, planned, now)
        if asks:
            await self._ladder.begin(notice, recipient, planned.until or now)

    def _url(self, news: News) -> str | None:
        if not self._public_url or news.task_number is None:
            return None
        return f"{self._public_url}/tasks/{news.task_number}"
