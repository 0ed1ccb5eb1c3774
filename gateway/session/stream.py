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
class Limits:
    """How many turns may wait before more are refused; /stop is never refused."""

    per_session: int = 100
    """In one lane of one session."""
    overall: int = 5_000
    retry_after_s: float = 5.0
    """What a refused one is told to wait."""


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
    stopped: bool = False
    """The person does not want it any more: `end_stopped` instead of handling it."""
    stops: TurnId | None = None
    """The turn that this one stopped when it was appended."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A turn has its answer: no chunk of it comes any more."""

    turn_id: TurnId


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
            TurnStopped: The person stopped the turn; nothing was written: `end_stopped` ends it.
        """
        ...

    async def end_stopped(self, reply: Reply) -> None:
        """As `answer`, for a turn that was stopped.

        Raises:
            LeaseLost: Another brain holds the session; nothing was written.
        """
        ...

    async def stop_wanted(self) -> bool:
        """Whether the turn at the head shall stop.

        Raises:
            LeaseLost: Another brain holds the session.
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
    """Turns in; turns, chunks, replies and notices out. Any number of channels, brains and listeners."""

    async def append(self, turn: Turn) -> Appended:
        """Make a turn durable, then return. The same (channel, external_id) is taken once in seven days.

        Remembers the turn's address as where its channel last heard the person, and tells listeners of it.
        One that `stops`, or `interrupts`, marks the turn it concerns in the same step.

        Raises:
            Busy: Too many wait already; nothing was taken.
        """
        ...

    async def publish(self, said: ReplyChunk | Interrupted) -> None:
        """Send to whoever listens right now. Best effort: never raises, keeps nothing."""
        ...

    async def notify(self, notice: Notice) -> bool:
        """Tell a notice, durably, once for its id; it goes to delivery for its channel, or the last one.

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

        Turns, replies and notices come with a position, each once and in order, from behind `after` (or from
        now); chunks and interruptions come without. Close the iterator (`contextlib.aclosing`) when leaving
        early.
        """
        ...

    def overhear(self) -> AsyncGenerator[ReplyChunk | Interrupted | Answered | None]:
        """Hear all that passes, in every session; None whenever something may have been missed.

        Best effort, and the first is a None: from then on it hears.
        """
        ...

    async def end(self, session_id: SessionId) -> Position:
        """Where a listener stands that has heard everything so far."""
        ...

    def stops(self) -> AsyncGenerator[TurnId]:
        """Hear which turns shall stop. Best effort: `SessionLease.stop_wanted` knows."""
        ...

    async def carried(self) -> frozenset[str]:
        """The channels that somebody delivers for."""
        ...

    async def addresses(self, session_id: SessionId) -> Addresses:
        """Where this session's person was last heard."""
        ...
