"""Serving turns: what a brain runs, so that it only has to answer.

Each slot leases one session at a time, answers its turns in order, renews beside the work and hands it back.
Control commands have slots of their own, so they never wait behind a running turn.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from gateway.errors import LeaseLost, TurnStopped
from gateway.session.renewing import renewed
from gateway.session.stopping import IS_STOPPED, NOTHING_RUNS, STOPPED, Running, until_done_or_stopped
from gateway.session.stream import SessionLease, SessionStream, TakenTurn
from gateway.session.tracing import answered
from gateway.session.turns import Interrupted, Lane, Reply, ReplyChunk, Turn

log = structlog.get_logger(__name__)

Say = Callable[[str], Awaitable[None]]
"""Sends a piece of the answer to whoever listens. Best effort; the `Reply` is what counts."""

Handle = Callable[[Turn, Say], Awaitable[Reply]]
"""Answers one turn. It may be called again for the same turn after a crash, so its own writes carry
idempotency keys made from `turn.id`. It is cancelled when the lease is lost or the person stops the turn."""

Noted = Callable[[Turn, Reply], Awaitable[None]]
"""Hears of the replies that are given in the brain's place: to /stop, to what was stopped, an apology."""

MAX_TRIES = 3
CONTROL_SLOTS = 2
TURNS_PER_LEASE = 20
"""After so many turns a session goes to the back of the queue, so that it does not starve the others."""

_RETRY_WAIT_S = 0.2
_AFTER_A_FAULT_S = 1.0
_GOODBYE_S = 1.0

APOLOGY = (
    "Sorry, I could not answer that: something failed on my side, three times over. "
    "Your message is kept aside and nothing else was touched. Please try again in other words."
)


@dataclass(frozen=True, slots=True)
class _Brain:
    """What every slot of one `serve_turns` shares."""

    stream: SessionStream
    handle: Handle
    name: str
    lease_s: float
    clock: Callable[[], datetime]
    noted: Noted
    running: Running


async def _unnoted(turn: Turn, reply: Reply) -> None:
    """For a brain that keeps no record."""


async def serve_turns(
    stream: SessionStream,
    handle: Handle,
    *,
    brain: str,
    slots: int = 4,
    lease_s: float = 15,
    noted: Noted = _unnoted,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Answer turns until cancelled.

    A turn whose handler fails is tried again, three times in all and counting crashed brains; then it is set
    aside and the person gets an apology. A turn that the person stops is cancelled, wherever it runs, and
    says so; the session is free at once.

    Args:
        brain: This replica's name, for people who look into the store.
        slots: How many sessions to talk with at a time; control commands come on top.
        lease_s: How long after this brain's death another takes its sessions.
    """
    running = Running()
    shared = _Brain(stream, handle, brain, lease_s, clock, noted, running)
    async with asyncio.TaskGroup() as group:
        group.create_task(_hear_stops(stream, running))
        for _ in range(slots):
            group.create_task(_serve_lane(shared, Lane.TALK))
        for _ in range(CONTROL_SLOTS):
            group.create_task(_serve_lane(shared, Lane.CONTROL))


async def _hear_stops(stream: SessionStream, running: Running) -> None:
    async with aclosing(stream.stops()) as stops:
        async for turn_id in stops:
            running.stop(turn_id)


async def _serve_lane(brain: _Brain, lane: Lane) -> None:
    while True:
        try:
            lease = await brain.stream.acquire(brain.name, lane=lane, lease_s=brain.lease_s)
            if lease is not None:
                await _serve_session(brain, lease)
        except Exception:
            log.exception("lane.failed", lane=lane)
            await asyncio.sleep(_AFTER_A_FAULT_S)


async def _serve_session(brain: _Brain, lease: SessionLease) -> None:
    """Answer what waits in one session, then hand it back."""
    in_hand = False
    try:
        async with renewed(lease.renew, every_s=brain.lease_s / 3):
            for _ in range(TURNS_PER_LEASE):
                taken = await lease.next_turn()
                if taken is None:
                    break
                in_hand = True
                await _serve_turn(brain, lease, taken)
                in_hand = False
    except* LeaseLost:
        log.warning("lease.lost", session_id=lease.session_id, lane=lease.lane)
    finally:
        with suppress(TimeoutError):
            # Bounded, because Redis may be away when we stop; then the lease runs out by itself.
            async with asyncio.timeout(_GOODBYE_S):
                await lease.release(refund=in_hand and _stopping())


def _stopping() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _serve_turn(brain: _Brain, lease: SessionLease, taken: TakenTurn) -> None:
    """Try one turn once. A failed one stays at the head and is taken again."""
    turn = taken.turn
    bound = log.bind(session_id=turn.session_id, turn_id=turn.id, attempt=taken.attempt)
    if taken.attempt > MAX_TRIES:
        await _set_aside(brain, lease, turn, reason=f"{MAX_TRIES} tries ended without an answer")
        return
    if taken.attempt > 1:
        await brain.stream.publish(Interrupted(session_id=turn.session_id, turn_id=turn.id))
    try:
        reply = await _reply(brain, lease, taken)
        await lease.answer(reply)
    except LeaseLost:
        raise
    except TurnStopped:
        await _end_stopped(brain, lease, turn)
        bound.info("turn.stopped")
    except Exception as error:
        bound.exception("turn.failed")
        if taken.attempt >= MAX_TRIES:
            await _set_aside(brain, lease, turn, reason=f"{type(error).__name__}: {error}"[:500])
        else:
            await asyncio.sleep(_RETRY_WAIT_S * taken.attempt)
    else:
        bound.info("turn.answered", channel=turn.channel)


async def _reply(brain: _Brain, lease: SessionLease, taken: TakenTurn) -> Reply:
    """The handler's reply, or ours to a /stop.

    Raises:
        TurnStopped: The person does not want it any more; the handler has ended.
    """
    turn = taken.turn
    if turn.stops:
        reply = _own(brain, turn, IS_STOPPED if taken.stops else NOTHING_RUNS)
        await brain.noted(turn, reply)
        return reply
    if taken.stopped:
        raise TurnStopped
    with brain.running.watched(turn.id) as told, answered(turn):
        work = asyncio.ensure_future(brain.handle(turn, _saying(brain.stream, turn)))
        return await until_done_or_stopped(work, told, lease.stop_wanted)


async def _end_stopped(brain: _Brain, lease: SessionLease, turn: Turn) -> None:
    await brain.stream.publish(Interrupted(session_id=turn.session_id, turn_id=turn.id))
    reply = _own(brain, turn, STOPPED)
    await lease.end_stopped(reply)
    await brain.noted(turn, reply)


def _own(brain: _Brain, turn: Turn, text: str) -> Reply:
    return Reply(
        session_id=turn.session_id,
        turn_id=turn.id,
        channel=turn.channel,
        address=turn.address,
        text=text,
        at=brain.clock(),
    )


async def _set_aside(brain: _Brain, lease: SessionLease, turn: Turn, *, reason: str) -> None:
    apology = _own(brain, turn, APOLOGY)
    await lease.set_aside(apology, reason=reason)
    await brain.noted(turn, apology)
    log.error("turn.set_aside", session_id=turn.session_id, turn_id=turn.id)


def _saying(stream: SessionStream, turn: Turn) -> Say:
    said = 0

    async def say(text: str) -> None:
        nonlocal said
        await stream.publish(ReplyChunk(session_id=turn.session_id, turn_id=turn.id, seq=said, text=text))
        said += 1

    return say
