"""The port between delivery and the channels: what is to be sent, and what a channel promises.

Delivery decides what goes to whom and remembers how far it came; a channel knows how its platform cuts a
message into parts and what the platform's refusals mean. Neither imports the other.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.errors import RetryLater, Undeliverable
from gateway.session.turns import Action, Attachment, SessionId

__all__ = ["Caller", "Channel", "Outgoing", "PartSent", "RetryLater", "Ringer", "Undeliverable"]

PartSent = Callable[[], Awaitable[None]]
"""Awaited by a channel right after the platform took one part; durable once it returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to one recipient, perhaps part of it sent already."""

    id: str
    """Of the reply or notice that caused it; with the address it names this delivery."""
    session_id: str
    kind: str
    """`reply`, or the notice's kind: `task.completed`, `task.blocked`, `task.failed`."""
    text: str
    attachments: tuple[Attachment, ...] = ()
    """In the order in which a person should see them."""
    turn_id: str | None = None
    """The turn that a reply answers: a channel that streamed its chunks may finish that very message."""
    actions: tuple[Action, ...] = ()
    """What the turn changed, for a channel that offers more to do with it."""
    task_id: str | None = None
    gate_id: str | None = None
    """What the person is asked to answer."""
    silent: bool = False
    """Without a sound, where the platform can do that."""
    ready_at: datetime | None = None
    """When the chief had the reply; None for a notice, and in later tries."""
    parts_sent: int = 0
    """How many parts went out in earlier tries: go on behind them."""
    possible_repeat: bool = False
    """An earlier try ended without a trace (a crash while sending), so the next part may be with the person
    already. It is sent again, so that nothing is lost; a channel should mark it."""


class Caller(Protocol):
    """A telephone that can ring somebody: the loudest step of an escalation."""

    async def call(self, number: str, text: str) -> bool:
        """Ring, and say the text when the call is taken; whether it was."""
        ...


class Ringer(Protocol):
    """A telephone that somebody may ask to be rung by."""

    async def begin(self, number: str, text: str, session_id: SessionId) -> str | None:
        """Ring beside; None, or why not, in words for the person. The session hears if nobody answers."""
        ...


class Channel(Protocol):
    """A platform that can carry a message to a person."""

    @property
    def name(self) -> str:
        """As in `Turn.channel`: `telegram`, `phone`."""
        ...

    async def deliver(self, address: str, outgoing: Outgoing, sent: PartSent) -> None:
        """Send the parts of a message behind `outgoing.parts_sent`, in order.

        The same outgoing must be cut into the same parts every time. Await `sent()` after each part that the
        platform took, the last one included; return when all are out.

        Raises:
            RetryLater: The next part was not taken now, or it is not known whether it was.
            Undeliverable: The platform refused for good.
        """
        ...
