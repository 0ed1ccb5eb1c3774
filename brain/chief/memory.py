"""Conversations in memory: one Strands agent a session, always rebuildable from the ledger's turns."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from strands import Agent
from strands.types.content import ContentBlock, Messages

from agentops import AgentOpsClient
from agentops.wire import TurnRecord
from brain.chief.record import PERSON
from brain.messages import File, person_content, read_content

REMEMBERED_TURNS = 20
_BEGIN_ANEW = "/new"
"""Said by the person: forget what was said before it. In the record, so that every replica does."""


@dataclass
class Conversation:
    """An agent and how far it has heard its session."""

    agent: Agent
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    heard_to: int | None = None
    """`seq` of the newest record that is in the agent's messages; None before the first look."""
    own: set[str] = field(default_factory=set)
    """Ids of records that the agent has lived through, and so need not be told."""


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

    async def catch_up(self, conversation: Conversation, session_id: str, turn_id: str) -> TurnRecord | None:
        """Tell the agent what was said since: notices, and turns that another process answered.

        Returns:
            The recorded reply to `turn_id`, if a process that was killed had come that far.
        """
        after = conversation.heard_to
        limit = REMEMBERED_TURNS if after is None else 100
        page = await self._ops.list_turns(session_id, after=after, limit=limit)
        reply = next((record for record in page.items if record.reply_to == turn_id), None)
        lived = conversation.own | {turn_id, f"reply-{turn_id}"}
        remember(conversation.agent.messages, (record for record in page.items if record.id not in lived))
        if page.items:
            conversation.heard_to = page.items[-1].seq
        elif after is None:
            conversation.heard_to = 0
        conversation.own = {turn_id, f"reply-{turn_id}"}
        return reply

    def _shrink(self) -> None:
        for session_id in list(self._cached):
            if len(self._cached) <= self._limit:
                return
            if not self._cached[session_id].lock.locked():
                del self._cached[session_id]


def remember(messages: Messages, records: Iterable[TurnRecord]) -> None:
    """Append what was said to an agent's messages. Roles alternate: some providers insist on it."""
    for record in records:
        if record.role == PERSON and record.text.split()[:1] == [_BEGIN_ANEW]:
            messages.clear()
        elif record.role == PERSON:
            _append(messages, "user", person_content(record.text, _files(record)))
        elif record.text.strip():
            if not messages:
                messages.append({"role": "user", "content": [{"text": "(The conversation goes on.)"}]})
            _append(messages, "assistant", [{"text": record.text}])


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
