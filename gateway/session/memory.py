"""A session stream in this process's memory: the same promises as on Redis, kept until the process ends.

For tests of what uses a stream. The conformance suite holds it to the behaviour of the real one.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from gateway.errors import Busy, LeaseLost, TurnStopped
from gateway.session.names import Position
from gateway.session.stream import Addresses, Answered, Appended, Limits, TakenTurn
from gateway.session.turns import (
    CALLS,
    Durable,
    Interrupted,
    Lane,
    Notice,
    Reply,
    ReplyChunk,
    Said,
    SessionId,
    Turn,
    TurnId,
    heard,
)


@dataclass(slots=True, eq=False)
class _Mailbox:
    session_id: SessionId
    lane: Lane
    turns: deque[Turn] = field(default_factory=deque)
    fence: int = 0
    """Of the newest holder; an older one may not write."""
    ready_at: float = 0
    """When it may be taken: when it began to wait, or when the lease ends."""
    tries: int = 0
    stop: TurnId | None = None
    """The turn that shall stop."""

    @property
    def stopped(self) -> bool:
        return bool(self.turns) and self.turns[0].id == self.stop


class MemorySessionLease:
    """A held session lane."""

    def __init__(self, stream: "MemorySessionStream", mailbox: _Mailbox, lease_s: float) -> None:
        self.session_id = mailbox.session_id
        self.lane = mailbox.lane
        self._stream = stream
        self._mailbox = mailbox
        self._fence = mailbox.fence
        self._lease_s = lease_s

    async def next_turn(self) -> TakenTurn | None:
        self._check()
        if not self._mailbox.turns:
            return None
        self._mailbox.tries += 1
        turn = self._mailbox.turns[0]
        return TakenTurn(
            turn=turn,
            attempt=self._mailbox.tries,
            stopped=self._mailbox.stopped,
            stops=self._stream.stopped_by.get(turn.id),
        )

    async def answer(self, reply: Reply) -> None:
        self._check()
        if self._mailbox.stopped:
            raise TurnStopped("the person stopped this turn; its answer was not taken")
        await self.end_stopped(reply)

    async def stop_wanted(self) -> bool:
        self._check()
        return self._mailbox.stopped

    async def end_stopped(self, reply: Reply) -> None:
        self._check()
        if not self._mailbox.turns or self._mailbox.turns[0].id != reply.turn_id:
            raise ValueError(f"{reply.turn_id} is not the turn that was taken")
        self._mailbox.turns.popleft()
        self._mailbox.tries = 0
        self._stream.say(reply)
        self._stream.pass_on(Answered(reply.turn_id))

    async def set_aside(self, reply: Reply, *, reason: str) -> None:
        turn = self._mailbox.turns[0] if self._mailbox.turns else None
        await self.end_stopped(reply)
        if turn is not None:
            self._stream.aside.append((turn, reason))

    async def renew(self) -> None:
        self._check()
        self._mailbox.ready_at = self._stream.now() + self._lease_s

    async def release(self, *, refund: bool = False) -> None:
        if self._mailbox.fence != self._fence:
            return
        self._mailbox.fence += 1
        self._mailbox.tries -= 1 if refund else 0
        self._stream.let_go(self._mailbox)

    def _check(self) -> None:
        if self._mailbox.fence != self._fence:
            raise LeaseLost("another holds this session by now; nothing was written")


class MemorySessionStream:
    """`SessionStream` without a server. `aside` and `told` are there for tests to look at."""

    def __init__(self, *, limits: Limits | None = None) -> None:
        self.aside: list[tuple[Turn, str]] = []
        self.told: dict[SessionId, list[Durable]] = {}
        self.stopped_by: dict[TurnId, TurnId] = {}
        self._limits = limits or Limits()
        self._stops: list[asyncio.Queue[TurnId]] = []
        self._overhearing: list[asyncio.Queue[ReplyChunk | Interrupted | Answered]] = []
        self._mailboxes: dict[tuple[Lane, SessionId], _Mailbox] = {}
        self._ready: list[_Mailbox] = []
        self._seen: dict[tuple[str, str], TurnId] = {}
        self._notices: set[str] = set()
        self._addresses: dict[SessionId, Addresses] = {}
        self._listeners: dict[SessionId, list[asyncio.Queue[ReplyChunk | Interrupted | None]]] = {}
        self._changed = asyncio.Event()
        self._fences = 0

    @staticmethod
    def now() -> float:
        return asyncio.get_running_loop().time()

    async def append(self, turn: Turn) -> Appended:
        known = self._seen.get((turn.channel, turn.external_id))
        if known is not None:
            return Appended(turn_id=known, duplicate=True)
        key = (turn.lane, turn.session_id)
        mailbox = self._mailboxes.setdefault(key, _Mailbox(turn.session_id, turn.lane))
        self._refuse_when_full(turn, mailbox)
        self._seen[turn.channel, turn.external_id] = turn.id
        before = self._addresses.get(turn.session_id, Addresses())
        self._addresses[turn.session_id] = Addresses(
            last_channel=before.last_channel if turn.channel in CALLS else turn.channel,
            by_channel={**before.by_channel, turn.channel: turn.address},
        )
        self._stop_what_runs(turn)
        mailbox.turns.append(turn)
        if mailbox not in self._ready:
            self.let_go(mailbox)
        self.say(heard(turn))
        return Appended(turn_id=turn.id, duplicate=False)

    async def publish(self, said: ReplyChunk | Interrupted) -> None:
        for queue in self._listeners.get(said.session_id, []):
            queue.put_nowait(said)
        self.pass_on(said)

    async def notify(self, notice: Notice) -> bool:
        if notice.id in self._notices:
            return False
        self._notices.add(notice.id)
        self.say(notice)
        return True

    async def acquire(
        self, brain: str, *, lane: Lane = Lane.TALK, lease_s: float = 15, wait_s: float = 5
    ) -> MemorySessionLease | None:
        deadline = self.now() + wait_s
        while True:
            for mailbox in sorted(self._ready, key=lambda waiting: waiting.ready_at):
                if mailbox.lane is lane and mailbox.ready_at <= self.now():
                    return self._hold(mailbox, lease_s)
            if self.now() >= deadline:
                return None
            leased_until = [box.ready_at for box in self._ready if box.lane is lane]
            await self._change(until=min([deadline, *leased_until]))

    async def listen(
        self, session_id: SessionId, *, after: Position | None = None
    ) -> AsyncGenerator[tuple[Position | None, Said]]:
        told = self.told.setdefault(session_id, [])
        heard = int((after or await self.end(session_id)).partition("-")[0])
        queue: asyncio.Queue[ReplyChunk | Interrupted | None] = asyncio.Queue()
        self._listeners.setdefault(session_id, []).append(queue)
        try:
            while True:
                while heard < len(told):
                    heard += 1
                    yield Position(f"{heard}-0"), told[heard - 1]
                while (passing := await queue.get()) is not None:
                    yield None, passing
        finally:
            self._listeners[session_id].remove(queue)

    async def stops(self) -> AsyncGenerator[TurnId]:
        queue: asyncio.Queue[TurnId] = asyncio.Queue()
        self._stops.append(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._stops.remove(queue)

    async def overhear(self) -> AsyncGenerator[ReplyChunk | Interrupted | Answered | None]:
        queue: asyncio.Queue[ReplyChunk | Interrupted | Answered] = asyncio.Queue()
        self._overhearing.append(queue)
        try:
            yield None
            while True:
                yield await queue.get()
        finally:
            self._overhearing.remove(queue)

    async def end(self, session_id: SessionId) -> Position:
        return Position(f"{len(self.told.get(session_id, []))}-0")

    async def carried(self) -> frozenset[str]:
        return frozenset()

    async def addresses(self, session_id: SessionId) -> Addresses:
        return self._addresses.get(session_id, Addresses())

    def say(self, said: Durable) -> None:
        self.told.setdefault(said.session_id, []).append(said)
        for queue in self._listeners.get(said.session_id, []):
            queue.put_nowait(None)

    def pass_on(self, said: ReplyChunk | Interrupted | Answered) -> None:
        for queue in self._overhearing:
            queue.put_nowait(said)

    def let_go(self, mailbox: _Mailbox) -> None:
        """Put a mailbox in or out of the ready list, by what it holds."""
        if mailbox in self._ready:
            self._ready.remove(mailbox)
        if mailbox.turns:
            mailbox.ready_at = self.now()
            self._ready.append(mailbox)
        self._changed.set()

    def _refuse_when_full(self, turn: Turn, mailbox: _Mailbox) -> None:
        overall = sum(len(each.turns) for each in self._mailboxes.values())
        full = len(mailbox.turns) >= self._limits.per_session
        if turn.stops or not (full or overall >= self._limits.overall):
            return
        waiting = len(mailbox.turns) if full else overall
        raise Busy(waiting, everywhere=not full, retry_after_s=self._limits.retry_after_s)

    def _stop_what_runs(self, turn: Turn) -> None:
        talk = self._mailboxes.get((Lane.TALK, turn.session_id))
        if talk is None or not talk.turns or talk.stopped:
            return
        if turn.stops or (turn.interrupts and turn.lane is Lane.TALK and talk.tries > 0):
            talk.stop = self.stopped_by[turn.id] = talk.turns[0].id
            for queue in self._stops:
                queue.put_nowait(talk.stop)

    def _hold(self, mailbox: _Mailbox, lease_s: float) -> MemorySessionLease:
        self._fences += 1
        mailbox.fence = self._fences
        mailbox.ready_at = self.now() + lease_s
        return MemorySessionLease(self, mailbox, lease_s)

    async def _change(self, *, until: float) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout_at(max(until, self.now() + 0.001)):
                await self._changed.wait()
        except TimeoutError:
            pass
