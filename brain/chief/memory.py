"""Conversations in memory: one Strands agent a session, always rebuildable from the ledger's turns."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from strands import Agent
from strands.types.content import ContentBlock, Messages

from agentops import AgentOpsClient
from agentops.wire import Page, TurnRecord
from brain.chief.record import HEARD, NOTICE, PERSON
from brain.chief.summaries import Summary
from brain.messages import File, person_content, read_content

REMEMBERED_TURNS = 20
_BEGIN_ANEW = "/new"
"""Said by the person: forget what was said before it. In the record, so that every replica does."""
_MOST_UNHEARD = 100
_KEPT_WHOLE = 2
"""Of so many of the newest turns the model remembers what its tools answered."""
_NOT_HEARD = "… (I was interrupted here: the person heard no more of it.)"


@dataclass
class Conversation:
    """An agent and how far it has heard its session."""

    agent: Agent
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    heard_to: int | None = None
    """`seq` of the newest record that is in the agent's messages; None before the first look."""
    own: set[str] = field(default_factory=set)
    """Ids of records that the agent has lived through, and so need not be told."""
    newest: TurnRecord | None = None
    """The session's newest record, as far as this process knows, with nothing unheard before it."""
    words: list[TurnRecord] = field(default_factory=list)
    """What was said since the summary, oldest first."""


@dataclass(frozen=True)
class CaughtUp:
    """What was said since the agent last listened."""

    reply: TurnRecord | None = None
    """The recorded reply to this turn, if a process that was killed had come that far."""
    news: tuple[TurnRecord, ...] = ()
    """Notices that the person got since they last spoke, the newest first."""


class Conversations:
    """A bounded cache of conversations, the least recently used leaves first."""

    def __init__(self, ops: AgentOpsClient, make_agent: Callable[[], Agent], *, limit: int) -> None:
        """`make_agent` gives an agent without messages."""
        self._ops = ops
        self._make_agent = make_agent
        self._limit = limit
        self._cached: OrderedDict[str, Conversation] = OrderedDict()

    @asynccontextmanager
    async def held(self, session_id: str) -> AsyncIterator[Conversation]:
        """The conversation, for one turn at a time. Forgotten after an error, and then read anew."""
        conversation = self._cached.get(session_id) or Conversation(self._make_agent())
        self._cached[session_id] = conversation
        self._cached.move_to_end(session_id)
        self._shrink()
        async with conversation.lock:
            try:
                yield conversation
            except BaseException:
                self.forget(session_id)
                raise

    def forget(self, session_id: str) -> None:
        """Drop what is in memory; the ledger has the rest."""
        self._cached.pop(session_id, None)

    async def unheard(
        self, conversation: Conversation, said: TurnRecord, *, remembered: int
    ) -> Page[TurnRecord]:
        """What was said since the agent last listened, up to the present turn's words.

        The ledger is asked only when somebody else spoke meanwhile, which their places tell.

        Args:
            conversation: Held.
            said: The present turn's words, as they were recorded.
            remembered: How many turns to read anew at most.

        Raises:
            AgentOpsError: The ledger is away.
        """
        after, before = conversation.heard_to, conversation.newest
        if after is not None and before is not None and _follows(said, before):
            conversation.newest = said
            return Page(items=[one for one in (before, said) if one.seq > after])
        page = await self._ops.list_turns(
            said.session_id, after=after, limit=remembered if after is None else _MOST_UNHEARD
        )
        conversation.newest = said if any(one.id == said.id for one in page.items) else None
        return page

    def answered(self, reply: TurnRecord | None) -> None:
        """Take note of a reply that was recorded; None: it could not be, or was no agent's."""
        conversation = self._cached.get(reply.session_id) if reply else None
        if reply is not None and conversation is not None and conversation.newest is not None:
            told = reply.reply_to == conversation.newest.id and _follows(reply, conversation.newest)
            conversation.newest = reply if told else None

    async def catch_up(
        self,
        conversation: Conversation,
        page: Page[TurnRecord],
        said: TurnRecord,
        summary: Summary,
        *,
        remembered: int,
    ) -> CaughtUp:
        """Tell the agent what was said since: notices, and turns that another process answered.

        Args:
            conversation: Held.
            page: What is unheard of it.
            said: The present turn's words.
            summary: Of what came before; a conversation that is read anew begins behind it.
            remembered: How many turns to read anew at most.
        """
        after = conversation.heard_to
        if after is not None and any(record.role == HEARD for record in page.items):
            # An answer in the agent's memory is longer than what was heard of it.
            conversation.agent.messages.clear()
            conversation.heard_to, conversation.own, conversation.words = None, set(), []
            anew = await self.unheard(conversation, said, remembered=remembered)
            return await self.catch_up(conversation, anew, said, summary, remembered=remembered)
        turn_id = said.id
        records = [record for record in page.items if record.seq > summary.to_seq]
        reply = next(
            (record for record in records if record.reply_to == turn_id and record.role != HEARD), None
        )
        lived = conversation.own | {turn_id, f"reply-{turn_id}"}
        remember(conversation.agent.messages, [record for record in records if record.id not in lived])
        conversation.words = _since_the_new_beginning([*conversation.words, *records])
        if page.items:
            conversation.heard_to = page.items[-1].seq
        elif after is None:
            conversation.heard_to = 0
        conversation.own = {turn_id, f"reply-{turn_id}"}
        return CaughtUp(reply=reply, news=_news(records, turn_id))

    def _shrink(self) -> None:
        for session_id in list(self._cached):
            if len(self._cached) <= self._limit:
                return
            if not self._cached[session_id].lock.locked():
                del self._cached[session_id]


def _follows(record: TurnRecord, before: TurnRecord) -> bool:
    return None not in (record.place, before.place) and record.place == (before.place or 0) + 1


def remember(messages: Messages, records: Iterable[TurnRecord]) -> None:
    """Append what was said to an agent's messages. Roles alternate: some providers insist on it.

    An answer that was cut off is remembered as far as it was heard.
    """
    records = list(records)
    heard = {record.reply_to: record.text for record in records if record.role == HEARD}
    for record in records:
        if record.role == HEARD:
            continue
        if record.role == PERSON and begins_anew(record.text):
            messages.clear()
        elif record.role == PERSON:
            _append(messages, "user", person_content(record.text, _files(record)))
        elif text := _as_heard(record, heard):
            if not messages:
                messages.append({"role": "user", "content": [{"text": "(The conversation goes on.)"}]})
            _append(messages, "assistant", [{"text": text}])


def thin(messages: Messages) -> None:
    """Leave of all but the newest turns the words only.

    What tools answered long ago is out of date, costs tokens with every call, and may be another's text.
    """
    begins = [
        at
        for at, message in enumerate(messages)
        if message["role"] == "user" and not any("toolResult" in block for block in message["content"])
    ]
    if len(begins) <= _KEPT_WHOLE:
        return
    old, new = messages[: begins[-_KEPT_WHOLE]], messages[begins[-_KEPT_WHOLE] :]
    messages.clear()
    for message in old:
        if message["role"] == "assistant":
            text = "\n\n".join(block["text"] for block in message["content"] if block.get("text"))
            if text:
                _append(messages, "assistant", [{"text": text}])
        elif not any("toolResult" in block for block in message["content"]):
            _append(messages, "user", person_content(*read_content(message["content"])))
    messages.extend(new)


def begins_anew(text: str) -> bool:
    """Whether the person wants what was said before to be forgotten."""
    return text.split()[:1] == [_BEGIN_ANEW]


def last_words(messages: Messages, role: str, count: int = 1) -> str:
    """What one side said last, newest last."""
    texts = [read_content(message["content"])[0] for message in messages if message["role"] == role]
    return "\n".join([text for text in texts if text][-count:])


def _as_heard(record: TurnRecord, heard: dict[str | None, str]) -> str:
    if record.reply_to is None or record.reply_to not in heard:
        return record.text.strip()
    return heard[record.reply_to].strip() + _NOT_HEARD


def _news(records: Sequence[TurnRecord], turn_id: str) -> tuple[TurnRecord, ...]:
    news: list[TurnRecord] = []
    for record in reversed(records):
        if record.role == PERSON and record.id != turn_id:
            break
        if record.role == NOTICE and record.task_id is not None:
            news.append(record)
    return tuple(news)


def _since_the_new_beginning(records: list[TurnRecord]) -> list[TurnRecord]:
    begins = [at for at, one in enumerate(records) if one.role == PERSON and begins_anew(one.text)]
    return records[begins[-1] + 1 :] if begins else records


def _append(messages: Messages, role: str, content: list[ContentBlock]) -> None:
    last = messages[-1] if messages else None
    if last is None or last["role"] != role:
        messages.append({"role": "user" if role == "user" else "assistant", "content": content})
        return
    words, files = read_content(last["content"])
    more_words, more_files = read_content(content)
    both = "\n\n".join(part for part in (words, more_words) if part)
    last["content"] = person_content(both, [*files, *more_files]) if role == "user" else [{"text": both}]


def _files(record: TurnRecord) -> list[File]:
    return [
        File(artifact_id=one.id, name=one.name, media_type=one.media_type, size_bytes=one.size_bytes)
        for one in record.attachments
    ]
