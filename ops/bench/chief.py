"""What the chief itself costs: everything of a turn but its model.

A hundred people talk at once, each in a session of their own, with a model that answers at once: what is
left is the ledger (a real one that really writes), the memory, the tools' specs, the check of every sentence.
Then some of them interrupt an answer that would go on for ever.

The overhead of a turn is the time from the call of the chief with it to its reply, in which the words are
recorded, the memory is brought up to date and the answer is recorded; the model takes none of it. Each person
writes, waits for the answer, and thinks for `pause_s` on average, spread evenly from half of it to one and a
half: a hundred of them offer some 33 turns a second, without bursts. The chief, its ledger and its database
share the machine, so what others do on it counts too; the processor's time of a turn tells the two apart.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import uuid4

import msgspec
from strands.types.content import Messages
from strands.types.event_loop import Usage
from strands.types.streaming import StreamEvent

from agentops import AgentOpsClient
from brain.chief.answering import Chief, Minds
from brain.chief.prompting import prompt_file
from brain.offline.model import OfflineModel, local_time, speech_events
from brain.pauses import settle
from brain.spans import without_words
from gateway.carrier import Carrier
from gateway.session.memos import RedisMemos
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.serving import serve_turns
from gateway.session.turns import Interrupted, Lane, ReplyChunk, SessionId, Turn, TurnId
from ops.bench.conversation import Spread, spread
from ops.bench.stage import LedgerProcess, opened

GOAL_P99_MS = 30.0
GOAL_STOP_MS = 100.0
_USAGE: Usage = {"inputTokens": 2_000, "outputTokens": 20, "totalTokens": 2_020}


class ChiefFigures(msgspec.Struct, frozen=True):
    """What was measured."""

    sessions: int
    turns: int
    turns_per_s: float
    overhead: Spread
    """Of a turn, from the chief's hand to its reply, without the model."""
    alone: Spread
    """The same while nobody else talks."""
    cpu_ms: float
    """Of this process, for each turn: what is left of the overhead when nobody else needs the processor."""
    ledger_cpu_ms: float
    """Of the ledger's process, for each turn."""
    mixed: int
    """Answers that knew of another session's words, or of their own in the wrong order: must be 0."""
    stop: Spread
    """From the person's interruption until the model's stream is closed."""


class _Model(OfflineModel):
    """Answers at once with what it was told so far; or, when asked for a story, never ends."""

    def __init__(self) -> None:
        super().__init__()
        self.ended: dict[str, float] = {}

    def get_config(self) -> dict[str, Any]:
        """As a language model, so that all of the way is measured."""
        return {"model_id": "bench", "context_window_limit": 200_000}

    async def stream(self, messages: Messages, *_: Any, **__: Any) -> AsyncGenerator[StreamEvent]:
        said = [m["content"][0].get("text", "") for m in messages if m["role"] == "user"]
        if not said[-1].startswith("story "):
            for event in speech_events(" ".join(said)):
                yield event
            # As a language model tells it; without, Strands would count the tokens of everything by itself.
            yield {"metadata": {"usage": _USAGE, "metrics": {"latencyMs": 0}}}
            return
        try:
            yield {"messageStart": {"role": "assistant"}}
            yield {"contentBlockStart": {"start": {}}}
            while True:
                yield {"contentBlockDelta": {"delta": {"text": "And so on. "}}}
                await asyncio.sleep(0.02)
        finally:
            self.ended[said[-1]] = perf_counter()


async def run(
    *,
    sessions: int = 100,
    turns_each: int = 10,
    pause_s: float = 3.0,
    stops: int = 20,
    say: Callable[[str], None] = print,
) -> ChiefFigures:
    """Measure on servers of its own, started for this.

    Args:
        sessions: People who talk at once.
        turns_each: How many messages each of them writes.
        pause_s: How long each of them thinks before the next message, on average.
        stops: How many answers are interrupted.
        say: Takes the figures as lines.
    """
    with tempfile.TemporaryDirectory(prefix="cos-bench-") as home:
        async with opened(Path(home)) as stage:
            dsn = await stage.database("chief")
            async with (
                stage.ledger(dsn) as ledger,
                AgentOpsClient(
                    f"http://127.0.0.1:{ledger.port}", ledger.admin_key, carrier=Carrier(trust_env=False)
                ) as ops,
                open_redis(stage.redis.url) as redis,
            ):
                model = _Model()
                stream = RedisSessionStream(redis)
                without_words()
                chief = _chief(ops, model, RedisMemos(redis), sessions)
                settle()
                figures = await _measured(chief, model, stream, ledger, sessions, turns_each, pause_s, stops)
    for name in ("overhead", "alone", "stop"):
        one: Spread = getattr(figures, name)
        say(f"{name:9} p50 {one.p50_ms:6.1f} ms  p99 {one.p99_ms:6.1f} ms  max {one.max_ms:6.1f} ms")
    say(
        f"{figures.turns_per_s:.0f} turns/s from {sessions} sessions, {figures.mixed} mixed up, "
        f"{figures.cpu_ms:.1f} ms of processor a turn and {figures.ledger_cpu_ms:.1f} ms of the ledger's; "
        f"goals: overhead p99 <= {GOAL_P99_MS:g} ms, stop <= {GOAL_STOP_MS:g} ms"
    )
    return figures


def _chief(ops: AgentOpsClient, model: _Model, memos: RedisMemos, sessions: int) -> Chief:
    minds = Minds(talking=model, commands=OfflineModel(), name="none", prompt=prompt_file("text"))
    return Chief(ops, minds, local_time, cached_sessions=sessions, turn_timeout_s=60, memos=memos)


async def _measured(
    chief: Chief,
    model: _Model,
    stream: RedisSessionStream,
    ledger: LedgerProcess,
    sessions: int,
    turns_each: int,
    pause_s: float,
    stops: int,
) -> ChiefFigures:
    await _talk(chief, "warm-up", 5, 0)
    alone = [took for took, _ in await _talk(chief, "alone", 50, 0)]
    began, used_s, ledger_s = perf_counter(), process_time(), ledger.cpu_s()
    talks = await asyncio.gather(
        *(_talk(chief, f"chat-{number}", turns_each, pause_s) for number in range(sessions))
    )
    took_s, used_s = perf_counter() - began, process_time() - used_s
    ledger_s = ledger.cpu_s() - ledger_s
    all_of_them = [one for talk in talks for one in talk]
    stopped = await _interrupted(chief, model, stream, stops)
    return ChiefFigures(
        sessions=sessions,
        turns=len(all_of_them),
        turns_per_s=len(all_of_them) / took_s,
        overhead=spread([took for took, _ in all_of_them]),
        alone=spread(alone),
        cpu_ms=used_s / len(all_of_them) * 1000,
        ledger_cpu_ms=ledger_s / len(all_of_them) * 1000,
        mixed=sum(not right for _, right in all_of_them),
        stop=spread(stopped),
    )


async def _talk(chief: Chief, session: str, turns: int, pause_s: float) -> list[tuple[float, bool]]:
    """How long each turn took, in seconds, and whether its answer knew all that was said here, in order."""
    found: list[tuple[float, bool]] = []
    said: list[str] = []
    for number in range(turns):
        # Spread by the session's name, so that the messages of all do not come in one beat.
        await asyncio.sleep(pause_s * (0.5 + (hash((session, number)) % 1000) / 1000))
        said.append(f"{session}.{number}")
        turn = _turn(session, said[-1])
        began = perf_counter()
        reply = await chief.answer(turn, _unheard)
        found.append((perf_counter() - began, reply.text == " ".join(said)))
    return found


async def _interrupted(chief: Chief, model: _Model, stream: RedisSessionStream, stops: int) -> list[float]:
    """Seconds from each interruption to the end of the model's stream."""
    serving = asyncio.create_task(serve_turns(stream, chief.answer, brain="bench", noted=chief.note))
    try:
        return [await _one_stop(model, stream, number) for number in range(stops)]
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


async def _one_stop(model: _Model, stream: RedisSessionStream, number: int) -> float:
    text, session = f"story {number}", f"stop-{number}"
    async with aclosing(stream.listen(SessionId(session))) as heard, asyncio.timeout(30):
        coming = asyncio.ensure_future(anext(heard))
        await stream.append(_turn(session, text))
        while not isinstance((await coming)[1], ReplyChunk):
            coming = asyncio.ensure_future(anext(heard))
        began = perf_counter()
        await stream.append(_turn(session, "/stop", lane=Lane.CONTROL))
        async for _, said in heard:
            if isinstance(said, Interrupted):
                break
    return model.ended[text] - began


async def _unheard(piece: str) -> None:
    """Nobody listens."""


def _turn(session: str, text: str, *, lane: Lane = Lane.TALK) -> Turn:
    return Turn(
        id=TurnId(uuid4().hex),
        session_id=SessionId(session),
        channel="bench",
        address=session,
        external_id=uuid4().hex,
        text=text,
        lane=lane,
        received_at=datetime.now(UTC),
    )
