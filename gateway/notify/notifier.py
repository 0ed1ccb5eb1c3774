"""From the ledger's events to notices, each told once, whatever restarts in between."""

import asyncio
import re
from contextlib import aclosing

import structlog
from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError, ValidationFailed
from agentops.wire import Artifact, Event, NewTurn
from gateway.errors import InvalidSessionId
from gateway.notify.wording import TOLD, text_of
from gateway.session.names import session_id
from gateway.session.redis_client import patiently
from gateway.session.stream import SessionStream
from gateway.session.turns import Attachment, Notice, SessionId

log = structlog.get_logger(__name__)

_AFTER_A_FAULT_S = 1.0
_TRIES = 5
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9._:@-]")


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
    """Listens to the ledger and tells the sessions that asked for the tasks."""

    def __init__(self, ops: AgentOpsClient, stream: SessionStream, cursor: Cursor) -> None:
        self._ops = ops
        self._stream = stream
        self._cursor = cursor
        self._failures: tuple[str, int] = ("", 0)

    async def run(self) -> None:
        """Tell until cancelled. What happened while nobody listened is told at the next start."""
        while True:
            try:
                await self._listen(await self._start())
            except ValidationFailed:
                # A ledger that was set up anew does not know the old cursor.
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
        async with aclosing(self._ops.subscribe(*TOLD, after=cursor)) as events:
            async for event in events:
                await self._try(event)
                await self._cursor.save(event.cursor)

    async def _try(self, event: Event) -> None:
        """Tell one event; after so many failures the next ones must not wait any longer."""
        try:
            await self.tell(event)
        except Exception:
            before, times = self._failures
            times = times + 1 if before == event.cursor else 1
            self._failures = (event.cursor, times)
            if times < _TRIES:
                raise
            log.exception("notice.given_up", cursor=event.cursor, task_id=event.task_id)

    async def tell(self, event: Event) -> None:
        """Record the notice in the ledger, then tell it. Both do nothing for one that was told before."""
        session = _session_of(event)
        text = text_of(event)
        if session is None or text is None:
            return
        notice = Notice(
            id=f"notice-{_NOT_IN_AN_ID.sub('-', event.cursor)}",
            session_id=session,
            kind=event.type,
            text=text,
            task_id=event.task_id,
            attachments=await self._attachments(event),
            at=event.at,
        )
        await self._record(notice)
        if await self._stream.notify(notice):
            log.info("notice.told", session_id=session, kind=event.type, task_id=event.task_id)

    async def _record(self, notice: Notice) -> None:
        record = NewTurn(
            id=notice.id,
            role="notice",
            channel="notice",
            text=notice.text,
            attachments=[attachment.artifact_id for attachment in notice.attachments],  # type: ignore[misc]
            task_id=notice.task_id,  # type: ignore[arg-type]
            said_at=notice.at,
        )
        try:
            await self._ops.record_turn(notice.session_id, record)
        except AgentOpsError as error:
            if error.retryable:
                raise
            # The person shall hear of their task even if the ledger will not have the record.
            log.warning("notice.not_recorded", notice_id=notice.id, code=error.code)

    async def _attachments(self, event: Event) -> tuple[Attachment, ...]:
        """What the task made, pictures first."""
        if event.type != "task.completed" or event.task_id is None:
            return ()
        made = [one for one in await self._ops.list_artifacts(event.task_id) if one.kind == "output"]
        result = event.payload.get("result")
        named = result.get("artifacts") if isinstance(result, dict) else None
        if isinstance(named, list):
            made = [one for one in made if one.id in named] or made
        made.sort(key=lambda one: not one.media_type.startswith("image/"))
        return tuple(_attachment(one) for one in made)


def _session_of(event: Event) -> SessionId | None:
    try:
        return session_id(str(event.payload.get("origin") or ""))
    except InvalidSessionId:
        return None


def _attachment(artifact: Artifact) -> Attachment:
    return Attachment(
        artifact_id=artifact.id,
        name=artifact.name,
        media_type=artifact.media_type,
        size_bytes=artifact.size_bytes,
    )
