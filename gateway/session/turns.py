"""What crosses the border between channels and brains: turns in; chunks, replies and notices out."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

SessionId = NewType("SessionId", str)
TurnId = NewType("TurnId", str)


CALLS = frozenset({"phone", "call"})
"""The channels of calls: nobody is reached there once a call is over."""
CALL_ENDED = "call.ended"
"""The kind of the notice that tells what came of a call."""


class Lane(StrEnum):
    """Control commands have a lane of their own, so that they never wait behind a running turn."""

    TALK = "talk"
    CONTROL = "control"


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came with a turn, already stored as an artifact of the ledger."""

    artifact_id: str
    name: str
    media_type: str
    size_bytes: int


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the person said, on whichever channel."""

    id: TurnId
    session_id: SessionId
    channel: str
    """`web`, `telegram`, `phone`, `call` for one from the browser, `api`."""
    address: str
    """Where on the channel the answer goes: a Telegram chat id, a browser session."""
    external_id: str
    """The channel's own id of the message; the same (channel, external_id) is taken once."""
    text: str
    person_id: str = "owner"
    lane: Lane = Lane.TALK
    attachments: tuple[Attachment, ...] = ()
    reply_to: str | None = None
    received_at: datetime
    role: str = "owner"
    """What the person may do, as `gateway.identity` found: `owner`, `member`, `guest`."""
    interrupts: bool = False
    """Stop the turn that runs in this session, if one does. A stream may do so for every turn."""
    traceparent: str | None = None

    @property
    def stops(self) -> bool:
        """Whether it asks for nothing but that the turn at the head of its session ends."""
        return self.lane is Lane.CONTROL and self.text.lower().split(maxsplit=1)[:1] == ["/stop"]


class TurnHeard(msgspec.Struct, frozen=True, kw_only=True, tag="turn"):
    """A turn is in the stream. Durable; so what was said on one channel shows on the others at once."""

    session_id: SessionId
    turn_id: TurnId
    channel: str
    person_id: str
    text: str
    lane: Lane = Lane.TALK
    attachments: tuple[Attachment, ...] = ()
    interrupts: bool = False
    """It stops the turn that runs: a caller who had only paused says their sentence anew."""
    at: datetime


class ReplyChunk(msgspec.Struct, frozen=True, kw_only=True, tag="chunk"):
    """A piece of an answer on its way to a screen or a voice. Not durable: the `Reply` is."""

    session_id: SessionId
    turn_id: TurnId
    seq: int
    text: str


class Interrupted(msgspec.Struct, frozen=True, kw_only=True, tag="interrupted"):
    """The chunks of this turn so far are void: the turn was stopped, or begins anew elsewhere."""

    session_id: SessionId
    turn_id: TurnId


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn changed, as seen in the ledger: `task.created`, `project.created`, `task.updated`…"""

    type: str
    entity_id: str
    title: str


class Reply(msgspec.Struct, frozen=True, kw_only=True, tag="reply"):
    """The whole answer to one turn. Durable; one per turn."""

    session_id: SessionId
    turn_id: TurnId
    channel: str
    address: str
    text: str
    actions: tuple[Action, ...] = ()
    parts: bool = False
    """It is a farewell: a call ends once it has been heard."""
    at: datetime

    @property
    def id(self) -> str:
        """Stable over every attempt to answer the turn."""
        return f"reply-{self.turn_id}"


class Notice(msgspec.Struct, frozen=True, kw_only=True, tag="notice"):
    """News that nobody asked for just now: a task was completed, a task is blocked. Durable."""

    id: str
    """Derived from the event that caused it, so that the same event is told once."""
    session_id: SessionId
    kind: str
    """The ledger's event type: `task.completed`, `task.blocked`."""
    text: str
    task_id: str | None = None
    gate_id: str | None = None
    """What waits for the person's answer, when that is the news."""
    attachments: tuple[Attachment, ...] = ()
    actions: tuple[Action, ...] = ()
    """What the news is about, for a channel that offers more to do with it."""
    ring: bool = False
    """Whether it may make a sound."""
    channel: str | None = None
    """Where it goes; None: to the channel that spoke last."""
    address: str | None = None
    """On that channel; None: where it last heard this session."""
    url: str | None = None
    """Where a browser shows all of it; delivery adds it to the text."""
    at: datetime


Durable = TurnHeard | Reply | Notice
Said = ReplyChunk | Interrupted | Durable


def heard(turn: Turn) -> TurnHeard:
    """The news that a turn was taken."""
    return TurnHeard(
        session_id=turn.session_id,
        turn_id=turn.id,
        channel=turn.channel,
        person_id=turn.person_id,
        text=turn.text,
        lane=turn.lane,
        attachments=turn.attachments,
        interrupts=turn.interrupts,
        at=turn.received_at,
    )
