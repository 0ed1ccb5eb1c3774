"""The port of the session stream: what channels put in, what brains take out, what listeners hear.

Two implementations pass one conformance suite: `redis_stream.RedisSessionStream`, and
`memory.MemorySessionStream` for tests of what uses a stream.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gateway.session.names import Position
from gateway.session.turns import (
    Interrupted,
    Lane,
    Notice,
    Reply,
    ReplyChunk,
    Said,
    SessionId,
    Turn,
    TurnId,
)


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of an appended turn."""

    turn_id: TurnId
    """Of the turn that is in the stream; another than the given one for a duplicate."""
    duplicate: bool
    """The channel's message was taken before; nothing was written now."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a session's person was last heard."""

    last_channel: str | None = None
    by_channel: Mapping[str, str] = field(default_factory=dict)
    """Channel → the address that it last gave."""


@dataclass(frozen=True, slots=True)
class TakenTurn:
    """The turn at the head of a leased session."""

    turn: Turn
    attempt: int
    """1 for the first brain that takes it; counts tries that ended in a crash as well."""


class SessionLease(Protocol):
    """One session lane, held by one brain. Every write carries the lease's fencing token."""

    @property
    def session_id(self) -> SessionId: ...

    @property
    def lane(self) -> Lane: ...

    async def next_turn(self) -> TakenTurn | None:
        """The oldest turn without an answer; the same one again until it is answered or set aside.

        Raises:
            LeaseLost: Another brain holds the session.
        """
        ...

    async def answer(self, reply: Reply) -> None:
        """Remove the turn, tell the reply and hand it to delivery: all or nothing.

        Raises:
            LeaseLost: Another brain holds the session; nothing was written.
        """
        ...

    async def set_aside(self, reply: Reply, *, reason: str) -> None:
        """Answer a turn that cannot be handled with an apology, and keep it for a person to look at.

        Raises:
            LeaseLost: Another brain holds the session; nothing was written.
        """
        ...

    async def renew(self) -> None:
        """Start the lease's time anew.

        Raises:
            LeaseLost: Another brain holds the session.
        """
        ...

    async def release(self, *, refund: bool = False) -> None:
        """Hand the session back at once, for whoever takes it next. Harmless when the lease is lost.

        Args:
            refund: The turn at the head was not given a fair try (this brain is stopping): do not count it.
        """
        ...


class SessionStream(Protocol):
    """Turns in; chunks, replies and notices out. Any number of channels, brains and listeners."""

    async def append(self, turn: Turn) -> Appended:
        """Make a turn durable, then return. The same (channel, external_id) is taken once in seven days.

        Remembers the turn's address as where its channel last heard the person.
        """
        ...

    async def publish(self, said: ReplyChunk | Interrupted) -> None:
        """Send to whoever listens right now. Best effort: never raises, keeps nothing."""
        ...

    async def notify(self, notice: Notice) -> bool:
        """Tell a notice, durably, once for its id; it goes to delivery for the session's last channel.

        Returns:
            False when it had been told before.
        """
        ...

    async def acquire(
        self, brain: str, *, lane: Lane = Lane.TALK, lease_s: float = 15, wait_s: float = 5
    ) -> SessionLease | None:
        """Lease the session whose turn has waited longest in this lane.

        Args:
            brain: Who asks, for people who look into the store.
            lease_s: How long the session stays ours without a `renew`.
            wait_s: How long to wait for a turn before None is the answer.
        """
        ...

    def listen(
        self, session_id: SessionId, *, after: Position | None = None
    ) -> AsyncGenerator[tuple[Position | None, Said]]:
        """Hear a session for ever.

        Replies and notices come with a position, each once and in order, from behind `after` (or from now);
        chunks and interruptions come without. Close the iterator (`contextlib.aclosing`) when leaving early.
        """
        ...

    async def end(self, session_id: SessionId) -> Position:
        """Where a listener stands that has heard everything so far."""
        ...

    async def addresses(self, session_id: SessionId) -> Addresses:
        """Where this session's person was last heard."""
        ...
