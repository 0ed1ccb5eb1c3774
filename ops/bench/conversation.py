"""What the conversation costs: from a turn's append to its handler, and from the answer to the channel.

Fifty people talk at once, each to a session of their own, and each waits for the answer before the next
message. The handler and the channel do nothing, so all that is measured is ours: the stream on a Redis that
fsyncs every write, the leases, the delivery.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from uuid import uuid4

import msgspec

from gateway.delivery.courier import Courier
from gateway.outbound import Outgoing, PartSent
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.serving import Say, serve_turns
from gateway.session.turns import Lane, Reply, SessionId, Turn, TurnId
from ops.embedded.redis import EmbeddedRedis

GOAL_P99_MS = 15.0
CHANNEL = "bench"


class Spread(msgspec.Struct, frozen=True):
    """Of one stretch of the way, in milliseconds."""

    p50_ms: float
    p99_ms: float
    max_ms: float


class ConversationFigures(msgspec.Struct, frozen=True):
    """What was measured."""

    chats: int
    turns: int
    turns_per_s: float
    append: Spread
    """Until a turn is on disk, which is when its channel is acknowledged."""
    to_handler: Spread
    """From the begin of the append until the brain works on it."""
    to_channel: Spread
    """From the handler's answer until the channel is asked to send it."""


class _Clocks:
    """When each turn was where, in seconds of `perf_counter`; and the channel that ends the way."""

    name = CHANNEL

    def __init__(self) -> None:
        self.appending: dict[str, float] = {}
        self.appended: dict[str, float] = {}
        self.handled: dict[str, float] = {}
        self.sent: dict[str, float] = {}
        self.arrived: dict[str, asyncio.Event] = {}

    async def handle(self, turn: Turn, say: Say) -> Reply:
        self.handled[turn.id] = perf_counter()
        return Reply(
            session_id=turn.session_id,
            turn_id=turn.id,
            channel=turn.channel,
            address=turn.address,
            text=turn.text,
            at=turn.received_at,
        )

    async def deliver(self, address: str, outgoing: Outgoing, sent: PartSent) -> None:
        turn_id = outgoing.turn_id or ""
        self.sent[turn_id] = perf_counter()
        self.arrived[turn_id].set()
        await sent()


async def run(
    *, chats: int = 50, turns_each: int = 40, pause_s: float = 0.25, say: Callable[[str], None] = print
) -> ConversationFigures:
    """Measure on a Redis of its own, started for this.

    Args:
        chats: People who talk at once.
        turns_each: How many messages each of them writes.
        pause_s: How long each of them thinks before the next message, on average.
        say: Takes the figures as lines.
    """
    with tempfile.TemporaryDirectory(prefix="cos-bench-") as home:
        async with EmbeddedRedis(Path(home)) as server:
            figures = await _measured(server.url, chats, turns_each, pause_s)
    for name in ("append", "to_handler", "to_channel"):
        spread: Spread = getattr(figures, name)
        say(
            f"{name:11} p50 {spread.p50_ms:6.1f} ms  p99 {spread.p99_ms:6.1f} ms  max {spread.max_ms:6.1f} ms"
        )
    say(f"{figures.turns_per_s:.0f} turns/s from {chats} chats; goal: p99 <= {GOAL_P99_MS:g} ms each way")
    return figures


async def _measured(url: str, chats: int, turns_each: int, pause_s: float) -> ConversationFigures:
    clocks = _Clocks()
    async with open_redis(url) as brain_redis, open_redis(url) as gateway_redis:
        stream = RedisSessionStream(gateway_redis)
        courier = Courier(gateway_redis, clocks, name="bench")
        await courier.announce()
        behind = [
            asyncio.create_task(
                serve_turns(RedisSessionStream(brain_redis), clocks.handle, brain="bench", slots=16)
            ),
            asyncio.create_task(courier.run()),
        ]
        try:
            await _talk(stream, clocks, "warm-up", 5, 0)
            began = perf_counter()
            ids = await asyncio.gather(
                *(_talk(stream, clocks, f"chat-{one}", turns_each, pause_s) for one in range(chats))
            )
            took_s = perf_counter() - began
        finally:
            for task in behind:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*behind, return_exceptions=True)
    return _figures(clocks, [one for some in ids for one in some], chats, took_s)


async def _talk(
    stream: RedisSessionStream, clocks: _Clocks, chat: str, turns: int, pause_s: float
) -> list[str]:
    ids: list[str] = []
    for number in range(turns):
        # Spread by the chat's name, so that the messages of all do not come in one beat.
        await asyncio.sleep(pause_s * (0.5 + (hash((chat, number)) % 1000) / 1000))
        turn = _turn(chat)
        ids.append(turn.id)
        arrived = clocks.arrived[turn.id] = asyncio.Event()
        clocks.appending[turn.id] = perf_counter()
        await stream.append(turn)
        clocks.appended[turn.id] = perf_counter()
        async with asyncio.timeout(30):
            await arrived.wait()
    return ids


def _turn(chat: str) -> Turn:
    return Turn(
        id=TurnId(uuid4().hex),
        session_id=SessionId(chat),
        channel=CHANNEL,
        address=chat,
        external_id=uuid4().hex,
        text="What is going on?",
        lane=Lane.TALK,
        received_at=datetime.now(UTC),
    )


def _figures(clocks: _Clocks, ids: Sequence[str], chats: int, took_s: float) -> ConversationFigures:
    return ConversationFigures(
        chats=chats,
        turns=len(ids),
        turns_per_s=len(ids) / took_s,
        append=spread([clocks.appended[one] - clocks.appending[one] for one in ids]),
        to_handler=spread([clocks.handled[one] - clocks.appending[one] for one in ids]),
        to_channel=spread([clocks.sent[one] - clocks.handled[one] for one in ids]),
    )


def spread(seconds: Sequence[float]) -> Spread:
    """Of at least two measurements."""
    cuts = statistics.quantiles(seconds, n=100)
    return Spread(p50_ms=cuts[49] * 1000, p99_ms=cuts[98] * 1000, max_ms=max(seconds) * 1000)
