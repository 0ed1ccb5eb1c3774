"""A long answer shown while it is being written: one message, edited now and then, at last the answer itself.

Chunks are best effort, so a draft is too. The delivery of the reply puts the exact text in its place.
"""

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from gateway.session.memos import Memos
from gateway.session.stream import Answered, SessionStream
from gateway.session.turns import Interrupted, ReplyChunk, Turn, TurnId
from gateway.telegram import markup, parts
from gateway.telegram.buttons import Manner
from gateway.telegram.errors import TelegramError
from gateway.telegram.places import MessageRef, Place

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)

FIRST_AFTER_S = 0.8
"""An answer that is there by then needs no draft."""
EVERY_S = 1.5
EVERY_IN_GROUPS_S = 4.0
"""Edits count against the chat's limits as messages do."""
LONGEST_S = 600.0
WRITING = " …"
_AFTER_A_FAULT_S = 1.0
_KEEP_S = 86_400
_CALL_ENDS_S = 5.0
_MOST_ANSWERED = 1_000


@dataclass(slots=True, eq=False)
class _Draft:
    turn_id: TurnId
    place: Place
    text: str = ""
    next_seq: int = 0
    shown: str = ""
    message: MessageRef | None = None
    over: bool = False
    grew: asyncio.Event = field(default_factory=asyncio.Event)
    calling: asyncio.Lock = field(default_factory=asyncio.Lock)

    def hear(self, said: ReplyChunk | Interrupted) -> None:
        if isinstance(said, Interrupted):
            self.text, self.next_seq = "", 0
            return
        if said.seq != self.next_seq:  # a piece was missed: better nothing than a text with a hole
            self.text, self.next_seq = "", -1
            return
        self.text += said.text
        self.next_seq += 1
        self.grew.set()


class Drafts:
    """The answers that are being written. `run` must run beside, or there are none."""

    def __init__(
        self,
        api: "TelegramApi",
        stream: SessionStream,
        memos: Memos,
        *,
        enabled: bool,
    ) -> None:
        self._api = api
        self._stream = stream
        self._memos = memos
        self._enabled = enabled
        self._open: dict[TurnId, _Draft] = {}
        self._answered: dict[TurnId, _Draft] = {}
        """Whose answers are about to be delivered, mostly by us: what was shown of them is known here."""
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Write until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                await self._follow()
            finally:
                self._tasks = None

    def begin(self, turn: Turn, place: Place) -> None:
        """Follow the answer to a turn; before the turn is appended, so that no chunk is missed."""
        if not self._enabled or self._tasks is None:
            return
        draft = self._open[turn.id] = _Draft(turn.id, place)
        self._tasks.create_task(self._write(draft), name="telegram draft")

    def end(self, turn_id: str) -> None:
        """No answer is awaited any more; what was shown stays until `finished` takes it."""
        draft = self._open.pop(TurnId(turn_id), None)
        if draft is not None:
            draft.over = True
            draft.grew.set()

    async def finished(self, turn_id: str) -> MessageRef | None:
        """Stop writing; the message that shows the draft, wherever it was written, if there is one."""
        if not self._enabled:
            return None
        draft = self._answered.pop(TurnId(turn_id), None) or self._open.get(TurnId(turn_id))
        self.end(turn_id)
        if draft is not None:
            with suppress(TimeoutError):
                # A call that is under way would otherwise overwrite the answer.
                async with asyncio.timeout(_CALL_ENDS_S), draft.calling:
                    return draft.message
        kept = await self._memos.get(_key(turn_id))
        if kept is None:
            return None
        chat_id, _, message_id = kept.partition("/")
        return MessageRef(int(chat_id), int(message_id))

    async def settled(self, turn_id: str) -> None:
        """The answer stands in the draft's place."""
        await self._memos.drop(_key(turn_id))

    async def _follow(self) -> None:
        """Hear every session on one connection: one for each turn would cost more than the turn itself."""
        while self._enabled:
            try:
                async with aclosing(self._stream.overhear()) as heard:
                    async for said in heard:
                        self._hear(said)
            except Exception:  # drafts are an extra: no fault of theirs may end the channel
                log.exception("telegram.drafts_failed")
                await asyncio.sleep(_AFTER_A_FAULT_S)

    def _hear(self, said: ReplyChunk | Interrupted | Answered | None) -> None:
        match said:
            case None:  # an answer may have been missed, and may stand where the draft would be written
                for turn_id in list(self._open):
                    self.end(turn_id)
            case Answered() if said.turn_id in self._open:
                self._answered[said.turn_id] = self._open[said.turn_id]
                self.end(said.turn_id)
                if len(self._answered) > _MOST_ANSWERED:  # others deliver those
                    del self._answered[next(iter(self._answered))]
            case Answered():
                pass
            case _ if said.turn_id in self._open:
                self._open[said.turn_id].hear(said)

    async def _write(self, draft: _Draft) -> None:
        try:
            async with asyncio.timeout(LONGEST_S):
                await draft.grew.wait()
                await asyncio.sleep(FIRST_AFTER_S)
                while not draft.over:
                    draft.grew.clear()
                    await self._show(draft)
                    await asyncio.sleep(EVERY_S if draft.place.private else EVERY_IN_GROUPS_S)
                    await draft.grew.wait()
        except TelegramError as error:  # flood control, too: the answer itself is what counts
            log.debug("telegram.draft_failed", reason=str(error))
        except TimeoutError:
            log.debug("telegram.draft_given_up", turn_id=draft.turn_id)
        except Exception:
            log.exception("telegram.draft_failed")
        finally:
            self._open.pop(draft.turn_id, None)

    async def _show(self, draft: _Draft) -> None:
        pieces = markup.cut(markup.parse(draft.text), parts.TEXT_LIMIT - len(WRITING))
        if not pieces:
            return
        text = markup.to_html((*pieces[0], markup.Span(WRITING)))
        if text == draft.shown:
            return
        async with draft.calling:
            if draft.over:
                return
            if draft.message is None:
                sent = await self._api.send_text(draft.place, text, Manner(silent=True), html=True)
                draft.message = MessageRef(draft.place.chat_id, sent)
                await self._memos.put(_key(draft.turn_id), f"{draft.place.chat_id}/{sent}", keep_s=_KEEP_S)
            else:
                await self._api.edit(draft.message, text)
            draft.shown = text


def _key(turn_id: str) -> str:
    return f"telegram:draft:{turn_id}"
