"""Hearing a session on Redis without gap or duplicate.

What is durable is read from the session's out stream alone; pub/sub carries the chunks and a bare hint that
the stream grew. A hint that was lost costs a moment, never a message.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from typing import Any, cast

import msgspec
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from gateway.session.names import Position
from gateway.session.redis_client import ANSWER_TIMEOUT_S, UNREACHABLE, patiently, wait_before
from gateway.session.stream import Answered
from gateway.session.turns import Durable, Interrupted, ReplyChunk, Said, SessionId, TurnId

STOPS = "cos:stops"
ANSWERS = "cos:answers"
_CONFIRMED = ("subscribe", "psubscribe")
_SWEEP_S = 5.0
_PAGE = 100

_Entries = list[tuple[bytes, dict[bytes, bytes]]]  # redis-py's own type covers every protocol and encoding

_durable: msgspec.json.Decoder[Durable] = msgspec.json.Decoder(Durable)
_passing = msgspec.json.Decoder(ReplyChunk | Interrupted)


def channel(session_id: SessionId) -> str:
    """The pub/sub channel of a session."""
    return f"cos:said:{session_id}"


async def listen(
    redis: Redis, session_id: SessionId, *, after: Position | None
) -> AsyncGenerator[tuple[Position | None, Said]]:
    """As `SessionStream.listen`; goes on by itself after Redis was away."""
    position = after or await end(redis, session_id)
    tries = 0
    while True:
        try:
            async with redis.pubsub() as wire:
                await _subscribed(wire, wire.subscribe(channel(session_id)))
                tries = 0
                # Only now, so that whatever is said from here on is either in the stream or on the wire.
                while True:
                    async for at, said in _behind(redis, session_id, position):
                        position = at
                        yield at, said
                    async for chunk in _chunks(wire):
                        yield None, chunk
        except UNREACHABLE as error:
            await wait_before(tries, error)
            tries += 1


async def stops(redis: Redis) -> AsyncGenerator[TurnId]:
    """As `SessionStream.stops`; what is said while Redis is away is missed."""
    tries = 0
    while True:
        try:
            async with redis.pubsub() as wire:
                await _subscribed(wire, wire.subscribe(STOPS))
                tries = 0
                while True:
                    message: dict[str, Any] | None = await wire.get_message(timeout=_SWEEP_S)
                    if message is not None and message["type"] == "message":
                        yield TurnId(message["data"].decode())
        except UNREACHABLE as error:
            await wait_before(tries, error)
            tries += 1


async def overhear(redis: Redis) -> AsyncGenerator[ReplyChunk | Interrupted | Answered | None]:
    """As `SessionStream.overhear`, on one connection for all sessions."""
    tries = 0
    while True:
        try:
            async with redis.pubsub() as wire:
                await _subscribed(wire, wire.psubscribe(channel(SessionId("*"))))
                await _subscribed(wire, wire.subscribe(ANSWERS))
                tries = 0
                yield None
                while True:
                    message: dict[str, Any] | None = await wire.get_message(timeout=_SWEEP_S)
                    if message is not None and (said := _overheard(message)) is not None:
                        yield said
        except UNREACHABLE as error:
            await wait_before(tries, error)
            tries += 1


def _overheard(message: dict[str, Any]) -> ReplyChunk | Interrupted | Answered | None:
    said: bytes = message["data"]
    if message["type"] == "message":
        return Answered(TurnId(said.decode()))
    return _passing.decode(said) if message["type"] == "pmessage" and said != b"+" else None


async def _subscribed(wire: PubSub, asking: Awaitable[Any]) -> None:
    """Return once Redis has confirmed: a sent command alone does not hear anything yet."""
    async with asyncio.timeout(ANSWER_TIMEOUT_S):
        await asking
        while (message := await wire.get_message(timeout=None)) is None or message["type"] not in _CONFIRMED:
            pass


async def _chunks(wire: PubSub) -> AsyncGenerator[ReplyChunk | Interrupted]:
    """What passes by, until the stream may have grown."""
    while True:
        message: dict[str, Any] | None = await wire.get_message(timeout=_SWEEP_S)
        if message is None or message["type"] != "message" or message["data"] == b"+":
            return
        yield _passing.decode(message["data"])


async def end(redis: Redis, session_id: SessionId) -> Position:
    """As `SessionStream.end`."""
    last = cast("_Entries", await patiently(lambda: redis.xrevrange(f"cos:out:{session_id}", count=1)))
    return Position(last[0][0].decode() if last else "0-0")


async def _behind(
    redis: Redis, session_id: SessionId, position: Position
) -> AsyncGenerator[tuple[Position, Durable]]:
    """Everything durable behind a position, oldest first."""
    while True:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            answer = await redis.xrange(f"cos:out:{session_id}", min=f"({position}", count=_PAGE)
        page = cast("_Entries", answer)
        for entry, fields in page:
            position = Position(entry.decode())
            yield position, _durable.decode(fields[b"body"])
        if len(page) < _PAGE:
            return
