"""Rounds over all contenders in turn, so that whatever else the machine does falls on each alike."""

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from ops.bench.contender import BATCHES, Contender

Say = Callable[[str], None]
FIRST = 3
"""Pickups of a worker that has only just begun to listen; they are not counted."""


class Plan(msgspec.Struct, frozen=True):
    """How much is measured."""

    rounds: int = 3
    tasks: int = 2_000
    batched_tasks: int = 16_000
    """Five of the largest batches for each worker: with one, a round is its beginning and its end."""
    pickups: int = 150


class Figures(msgspec.Struct, frozen=True):
    """The medians of one contender over all rounds."""

    name: str
    includes: str
    durable: bool
    creates_per_s: float
    work_per_s: float
    batched_per_s: float | None
    batch: int
    """The size of batch with which it was fastest."""
    pickup_p50_ms: float
    pickup_p99_ms: float


class _Samples:
    def __init__(self) -> None:
        self.creates: list[float] = []
        self.work: list[float] = []
        self.batched: dict[int, list[float]] = {size: [] for size in BATCHES}
        self.pickups: list[float] = []


async def measure(contenders: Sequence[Contender], plan: Plan, say: Say) -> list[Figures]:
    """Every contender's figures; a first, small round warms up and is not counted."""
    samples = {one.name: _Samples() for one in contenders}
    for one in contenders:
        await _round(one, Plan(tasks=100, batched_tasks=200, pickups=5), _Samples())
    for number in range(plan.rounds):
        for one in contenders:
            say(f"round {number + 1} of {plan.rounds}: {one.name}")
            await _round(one, plan, samples[one.name])
    return [_figures(one, samples) for one in contenders]


async def _round(one: Contender, plan: Plan, into: _Samples) -> None:
    into.creates.append(plan.tasks / await _timed(one.create(plan.tasks)))
    into.work.append(plan.tasks / await _timed(one.work(plan.tasks)))
    # Before the batches: behind them, PostgreSQL still writes and cleans up what they left.
    into.pickups += (await one.pickup(FIRST + plan.pickups))[FIRST:]
    for size in BATCHES if one.batches else ():
        await one.create(plan.batched_tasks)
        took_s = await _timed(one.work_in_batches(plan.batched_tasks, size))
        into.batched[size].append(plan.batched_tasks / took_s)


async def _timed(work: Awaitable[None]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def _figures(one: Contender, samples: Mapping[str, _Samples]) -> Figures:
    own = samples[one.name]
    batched = {size: statistics.median(found) for size, found in own.batched.items() if found}
    best = max(batched, key=batched.__getitem__, default=0)
    return Figures(
        name=one.name,
        includes=one.includes,
        durable=one.durable,
        creates_per_s=statistics.median(own.creates),
        work_per_s=statistics.median(own.work),
        batched_per_s=batched.get(best),
        batch=best,
        pickup_p50_ms=percentile(own.pickups, 0.5) * 1000,
        pickup_p99_ms=percentile(own.pickups, 0.99) * 1000,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
