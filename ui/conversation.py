"""The read model behind the chat: what the ledger has on record, and what is being said right now.

One for the whole process, so that all tabs agree. After every lost connection the record is read again
behind what is known: durable replies and notices then appear once, wherever they were first seen.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import msgspec
import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import TurnRecord
from ui.errors import GatewayRefused
from ui.gateway_client import GatewayClient
from ui.live import Refresher, Stop, Workers
from ui.said import Chunk, FileRef, Interrupted, Notice, Reply, Said, TurnHeard, file_of, reply_id

log = structlog.get_logger(__name__)

MAX_MESSAGES = 300
PAGE = 50
FIRST_RETRY_S = 0.2
LONGEST_RETRY_S = 5.0
UNSAID = frozenset({"heard"})
"""Records about what was said, such as how much of it a caller heard: they are nothing that anybody said."""
UNANSWERED = timedelta(minutes=3)
"""A turn on record without an answer counts as being answered for this long."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in the chat."""

    id: str
    role: str
    """`person`, `chief` or `notice`."""
    text: str
    at: datetime
    files: tuple[FileRef, ...] = ()
    task_id: str | None = None
    channel: str = ""
    seq: int | None = None
    """Place in the ledger's record; None until it is on record."""
    partial: bool = False
    """Still being written; without text it is being thought about."""


class Conversation:
    """One session's messages, oldest first."""

    def __init__(
        self,
        session_id: str,
        *,
        ops: AgentOpsClient,
        gateway: GatewayClient,
        key: str,
        workers: Workers,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.session_id = session_id
        self.connected = True
        self.has_earlier = False
        self._ops = ops
        self._gateway = gateway
        self._key = key
        self._now = now
        self._messages: dict[str, Message] = {}
        self._watchers: dict[int, Callable[[], None]] = {}
        self._ids = count()
        self._sync = Refresher(self._read_record, workers)
        self._redraw = Refresher(self._tell_soon, workers, pause_s=0.04)

    @property
    def messages(self) -> list[Message]:
        """All that is known, oldest first."""
        return sorted(self._messages.values(), key=lambda message: message.at)

    def watch(self, changed: Callable[[], None]) -> Stop:
        """Call `changed` after every change, until the returned function is called."""
        key = next(self._ids)
        self._watchers[key] = changed
        return lambda: self._unwatch(key)

    async def run(self) -> None:
        """Listen to the gateway for ever."""
        position: str | None = None
        wait_s = FIRST_RETRY_S
        while True:
            try:
                stream = self._gateway.listen(self.session_id, key=self._key, after=position)
                async for at, said in stream:
                    wait_s = FIRST_RETRY_S
                    position = at or position
                    self._hear(said)
            except (httpx.HTTPError, GatewayRefused, msgspec.MsgspecError) as error:
                if isinstance(error, GatewayRefused) and error.code == "invalid_position":
                    position = None  # the store is another one now; the record fills the gap
                log.info("conversation.interrupted", reason=type(error).__name__, retry_in_s=wait_s)
            self._set_connected(connected=False)
            await asyncio.sleep(wait_s)
            wait_s = min(LONGEST_RETRY_S, wait_s * 2)

    async def fresh(self, timeout_s: float) -> None:
        """Read the record if that has not worked yet; give up after a while."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._read_record()
        except TimeoutError:
            log.warning("conversation.slow", timeout_s=timeout_s)

    def accepted(self, turn_id: str, text: str, files: Sequence[FileRef]) -> None:
        """A message of this panel was taken: show it, and that it is being thought about."""
        if turn_id not in self._messages:
            self._put(
                Message(
                    id=turn_id, role="person", text=text, at=self._now(), files=tuple(files), channel="web"
                )
            )
        self._begin_answer(turn_id)
        self._changed()

    async def load_earlier(self) -> None:
        """Read the page before the oldest message on record."""
        known = [message.seq for message in self._messages.values() if message.seq is not None]
        page = await self._ops.list_turns(self.session_id, before=min(known, default=None), limit=PAGE)
        self.has_earlier = len(page.items) == PAGE
        self._put_records(page.items)
        self._changed()

    def _unwatch(self, key: int) -> None:
        self._watchers.pop(key, None)

    def _hear(self, said: Said | None) -> None:
        match said:
            case None:
                self._set_connected(connected=True)
                self._sync.poke()
            case TurnHeard():
                self._hear_turn(said)
            case Chunk():
                self._write_on(said)
            case Interrupted(turn_id=turn_id):
                self._messages.pop(reply_id(turn_id), None)
                self._begin_answer(turn_id)
            case Reply():
                known = self._messages.get(reply_id(said.turn_id))
                answer = Message(id=reply_id(said.turn_id), role="chief", text=said.text, at=said.at)
                self._put(answer if known is None else msgspec.structs.replace(answer, seq=known.seq))
                self._sync.poke()
            case Notice():
                self._put(
                    Message(
                        id=said.id,
                        role="notice",
                        text=said.text,
                        at=said.at,
                        files=said.attachments,
                        task_id=said.task_id,
                    )
                )
        self._changed()

    def _hear_turn(self, said: TurnHeard) -> None:
        """What was said on another channel, or in another tab; our own was shown when it was taken."""
        if said.turn_id not in self._messages:
            self._put(
                Message(
                    id=said.turn_id,
                    role="person",
                    text=said.text,
                    at=said.at,
                    files=said.attachments,
                    channel=said.channel,
                )
            )
        self._begin_answer(said.turn_id)

    def _begin_answer(self, turn_id: str) -> Message:
        """An empty answer in the making, unless it has come already."""
        answer_id = reply_id(turn_id)
        if answer_id not in self._messages:
            self._put(Message(id=answer_id, role="chief", text="", at=self._now(), partial=True))
        return self._messages[answer_id]

    def _write_on(self, chunk: Chunk) -> None:
        if chunk.turn_id not in self._messages:
            self._sync.poke()
        answer = self._begin_answer(chunk.turn_id)
        if answer.partial:
            self._put(msgspec.structs.replace(answer, text=answer.text + chunk.text))

    def _put(self, message: Message) -> None:
        self._messages[message.id] = message
        while len(self._messages) > MAX_MESSAGES:
            oldest = min(self._messages.values(), key=lambda known: known.at)
            del self._messages[oldest.id]
            self.has_earlier = True

    def _put_records(self, records: Sequence[TurnRecord]) -> None:
        for record in records:
            if record.role not in UNSAID:
                self._put(message_of(record))

    async def _read_record(self) -> None:
        """Read what the ledger has behind what is known, or the last page at first."""
        known = [message.seq for message in self._messages.values() if message.seq is not None]
        last = max(known, default=None)
        try:
            page = await self._ops.list_turns(self.session_id, after=last, limit=PAGE)
        except AgentOpsError as error:
            log.warning("record.unavailable", code=error.code)
            return
        if last is None:
            self.has_earlier = len(page.items) == PAGE
        self._put_records(page.items)
        self._expect_answer(page.items)
        self._changed()
        if last is not None and len(page.items) == PAGE:
            self._sync.poke()

    def _expect_answer(self, records: Sequence[TurnRecord]) -> None:
        """The last turn of the person, if it is recent and unanswered, is being thought about."""
        if records and records[-1].role == "person" and self._now() - records[-1].said_at < UNANSWERED:
            self._begin_answer(records[-1].id)

    def _set_connected(self, *, connected: bool) -> None:
        if connected != self.connected:
            self.connected = connected
            self._changed()

    def _changed(self) -> None:
        self._redraw.poke()

    async def _tell_soon(self) -> None:
        for changed in tuple(self._watchers.values()):
            changed()


def message_of(record: TurnRecord) -> Message:
    """A turn on record as the chat shows it."""
    return Message(
        id=record.id,
        role=record.role,
        text=record.text,
        at=record.said_at,
        files=tuple(file_of(artifact) for artifact in record.attachments),
        task_id=record.task_id,
        channel=record.channel,
        seq=record.seq,
    )
