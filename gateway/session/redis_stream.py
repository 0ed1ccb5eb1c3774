"""The session stream on Redis. `scripts` says how it is laid out and what always holds."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import cast
from uuid import uuid4

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.errors import Busy, TurnStopped
from gateway.session import listening, scripts, tracing
from gateway.session.mailbox import Holding, Scripts, hold_next
from gateway.session.names import Position
from gateway.session.redis_client import open_redis, patiently
from gateway.session.stream import Addresses, Answered, Appended, Limits, TakenTurn
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
    heard,
)

log = structlog.get_logger(__name__)

_turn = msgspec.json.Decoder(Turn)
_PASSING_S = 1.0
"""A chunk that takes longer is late for any screen or voice."""

_encode = msgspec.json.Encoder().encode

_STOPPED = 2
_DUPLICATE, _ALL_FULL = 1, 3


@asynccontextmanager
async def open_session_stream(
    url: str, *, limits: Limits | None = None
) -> AsyncIterator["RedisSessionStream"]:
    """Open the stream on the Redis at this URL; it need not be up yet."""
    async with open_redis(url) as redis:
        yield RedisSessionStream(redis, limits=limits)


class RedisSessionLease:
    """A held session lane."""

    def __init__(self, holding: Holding, lane: Lane) -> None:
        self._holding = holding
        self._head: tuple[str, Turn] | None = None
        self.lane = lane
        self.session_id = SessionId(holding.box.removeprefix(f"{lane}:"))

    async def next_turn(self) -> TakenTurn | None:
        letter = await self._holding.take()
        if letter is None:
            self._head = None
            return None
        turn = _turn.decode(letter.body)
        self._head = (letter.entry, turn)
        stops = TurnId(letter.stops) if letter.stops else None
        return TakenTurn(turn=turn, attempt=letter.tries, stopped=letter.stopped, stops=stops)

    async def answer(self, reply: Reply) -> None:
        await self._answer(reply)

    async def end_stopped(self, reply: Reply) -> None:
        await self._answer(reply, anyway=True)

    async def set_aside(self, reply: Reply, *, reason: str) -> None:
        await self._answer(reply, reason=reason or "not said", anyway=True)

    async def stop_wanted(self) -> bool:
        return self._head is not None and bool(await self._holding.read(scripts.STOP_WANTED, self._head[0]))

    async def renew(self) -> None:
        await self._holding.renew()

    async def release(self, *, refund: bool = False) -> None:
        await self._holding.release(refund=refund)

    async def _answer(self, reply: Reply, *, reason: str = "", anyway: bool = False) -> None:
        if self._head is None or self._head[1].id != reply.turn_id:
            raise ValueError(f"{reply.turn_id} is not the turn that was taken")
        entry, turn = self._head
        written = await self._holding.write(
            scripts.ANSWER,
            entry,
            turn.id,
            turn.session_id,
            reply.channel,
            reply.address,
            reply.id,
            _encode(reply),
            reason,
            _encode(turn) if reason else b"",
            int(anyway),
        )
        if written == _STOPPED:
            raise TurnStopped("the person stopped this turn; its answer was not taken")


class RedisSessionStream:
    """`SessionStream` for any number of processes. Every call but `publish` waits while Redis is away."""

    def __init__(self, redis: Redis, *, limits: Limits | None = None, interrupting: bool = False) -> None:
        """Nothing is asked of Redis before the first call.

        Args:
            redis: Durable: `appendfsync always`.
            limits: How many turns may wait.
            interrupting: Every message stops the turn that runs in its session.
        """
        self._redis = redis
        self._interrupting = interrupting
        self._run = Scripts(redis)
        self._limits = limits or Limits()

    async def append(self, turn: Turn) -> Appended:
        with tracing.received(turn) as carried:
            return await self._append(carried)

    async def _append(self, turn: Turn) -> Appended:
        known, outcome = await self._run.run(
            scripts.APPEND,
            turn.session_id,
            turn.channel,
            turn.address,
            turn.external_id,
            turn.id,
            str(turn.lane),
            f"{turn.lane}:{turn.session_id}",
            _encode(turn),
            uuid4().hex,
            _encode(heard(turn)),
            self._reach(turn),
            self._limits.per_session,
            self._limits.overall,
        )
        if outcome > _DUPLICATE:
            everywhere = outcome == _ALL_FULL
            raise Busy(int(known), everywhere=everywhere, retry_after_s=self._limits.retry_after_s)
        return Appended(turn_id=TurnId(known.decode()), duplicate=outcome == _DUPLICATE)

    def _reach(self, turn: Turn) -> str:
        """Which turn of its session this one stops, as the script names it."""
        if turn.stops:
            return "any"
        interrupts = turn.interrupts or self._interrupting
        return "begun" if interrupts and turn.lane is Lane.TALK else ""

    async def publish(self, said: ReplyChunk | Interrupted) -> None:
        try:
            async with asyncio.timeout(_PASSING_S):
                await self._redis.publish(listening.channel(said.session_id), _encode(said))
        except (RedisError, OSError) as error:
            log.debug("chunk.dropped", turn_id=said.turn_id, error=str(error))

    async def notify(self, notice: Notice) -> bool:
        new = await self._run.run(
            scripts.NOTIFY,
            notice.session_id,
            notice.id,
            _encode(notice),
            uuid4().hex,
            notice.channel or "",
            notice.address or "",
        )
        return bool(new)

    async def acquire(
        self, brain: str, *, lane: Lane = Lane.TALK, lease_s: float = 15, wait_s: float = 5
    ) -> RedisSessionLease | None:
        holding = await hold_next(self._run, str(lane), holder=brain, lease_s=lease_s, wait_s=wait_s)
        return None if holding is None else RedisSessionLease(holding, lane)

    def listen(
        self, session_id: SessionId, *, after: Position | None = None
    ) -> AsyncGenerator[tuple[Position | None, Said]]:
        return listening.listen(self._redis, session_id, after=after)

    def stops(self) -> AsyncGenerator[TurnId]:
        return listening.stops(self._redis)

    def overhear(self) -> AsyncGenerator[ReplyChunk | Interrupted | Answered | None]:
        return listening.overhear(self._redis)

    async def end(self, session_id: SessionId) -> Position:
        return await listening.end(self._redis, session_id)

    async def carried(self) -> frozenset[str]:
        names = cast("set[bytes]", await patiently(lambda: self._redis.smembers(scripts.CARRIED)))
        return frozenset(name.decode() for name in names)

    async def addresses(self, session_id: SessionId) -> Addresses:
        answer = await patiently(lambda: self._redis.hgetall(f"cos:addresses:{session_id}"))
        stored = cast("dict[bytes, bytes]", answer)
        known = {key.decode(): value.decode() for key, value in stored.items()}
        by_channel = {key[3:]: value for key, value in known.items() if key.startswith("to:")}
        return Addresses(last_channel=known.get("last"), by_channel=by_channel)
