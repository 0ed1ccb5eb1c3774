"""Many listeners at once: does each get every event, once, in order, and how late?"""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from ops.bench.lane import Lane, Lanes
from ops.bench.listening import Listener
from ops.bench.measuring import percentile
from ops.bench.stage import LedgerProcess

OPENED_AT_ONCE = 50
PRODUCERS = 8
DRAIN_S = 30.0
LOOK_S = 0.05


class FanOut(msgspec.Struct, frozen=True):
    """What a thousand listeners saw."""

    sockets: int
    events_per_s: float
    """As they were written; the wish is a limit."""
    deliveries: int
    lost: int
    repeated: int
    out_of_order: int
    p50_ms: float
    p99_ms: float
    """From the statement's time in the event to the frame in the listener, both on this machine's clock."""
    cpu_share: float
    """Of one core, by the ledger."""


async def fan_out(process: LedgerProcess, *, sockets: int, events_per_s: int, seconds: float) -> FanOut:
    """Opens `sockets`, writes at the wished rate, and waits until all is delivered or nothing comes."""
    listeners = await _connected(process, sockets)
    try:
        cpu, began = process.cpu_s(), time.perf_counter()
        count = await _produce(process, events_per_s=events_per_s, seconds=seconds)
        took = time.perf_counter() - began
        share = (process.cpu_s() - cpu) / took
        await _until_delivered(listeners, count)
    finally:
        for one in listeners:
            one.close()
    return _judged(listeners, count, took, share)


async def _connected(process: LedgerProcess, count: int) -> list[Listener]:
    found: list[Listener] = []
    while len(found) < count:
        some = min(OPENED_AT_ONCE, count - len(found))
        found += await asyncio.gather(*(Listener.connected(process, "task.created") for _ in range(some)))
    return found


async def _produce(process: LedgerProcess, *, events_per_s: int, seconds: float) -> int:
    count = int(events_per_s * seconds)
    began = time.perf_counter()
    left = iter(range(count))

    async def produce(lane: Lane) -> None:
        for number in left:
            await asyncio.sleep(max(0.0, began + number / events_per_s - time.perf_counter()))
            await lane.post("/tasks", {"title": "Count the boxes"}, key=f"fan-{began}-{number}")

    async with Lanes(process.address, process.admin_key, PRODUCERS) as lanes, asyncio.TaskGroup() as group:
        for lane in lanes:
            group.create_task(produce(lane))
    return count


async def _until_delivered(listeners: Sequence[Listener], count: int) -> None:
    # Looked at from time to time: a thousand listeners that rang a bell would be measured too.
    for _ in range(int(DRAIN_S / LOOK_S)):
        if all(len(one.seen) >= count for one in listeners):
            return
        await asyncio.sleep(LOOK_S)


def _place(cursor: str) -> tuple[int, int]:
    xid, _, seq = cursor.partition("-")
    return int(xid), int(seq)


def _judged(listeners: Sequence[Listener], count: int, took: float, share: float) -> FanOut:
    late = [value for one in listeners for value in one.late]
    return FanOut(
        sockets=len(listeners),
        events_per_s=count / took,
        deliveries=len(late),
        lost=sum(count - len(set(one.seen)) for one in listeners),
        repeated=sum(len(one.seen) - len(set(one.seen)) for one in listeners),
        out_of_order=sum(one.seen != sorted(one.seen, key=_place) for one in listeners),
        p50_ms=percentile(late, 0.5) * 1000,
        p99_ms=percentile(late, 0.99) * 1000,
        cpu_share=share,
    )
