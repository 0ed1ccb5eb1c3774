"""One long call: whether its memory and its answers stay as they were at its beginning."""

import asyncio
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from ops.bench.measuring import Say, percentile
from ops.bench.voice_caller import answered, calling, talk
from ops.bench.voice_house import Answerer, House, opened, pss_mb
from ops.bench.voice_speakers import PHRASES, Clip, synthetic
from ops.phone_line import FarEnd

GROWTH = 0.05
"""Of the gateway's memory from the first third to the last."""
SLOWER = 0.25
"""Of the median wait; a machine that is shared differs by as much from minute to minute."""
THIRDS = ("first", "middle", "last")
"""Of the call."""


class Third(msgspec.Struct, frozen=True):
    """A third of the call."""

    turns: int
    unanswered: int
    p50_ms: float
    p95_ms: float
    gateway_mb: float
    """The median of its proportional share of memory."""
    chief_mb: float
    cpu: float
    """Of one core, by the gateway."""
    load: float
    """Of the machine, on average: how many wanted its processors."""


class LongFigures(msgspec.Struct, frozen=True):
    """What was measured."""

    minutes: float
    thirds: list[Third]

    @property
    def flat(self) -> bool:
        """Whether it ended as it began."""
        first, _, last = self.thirds
        grown = last.gateway_mb > first.gateway_mb * (1 + GROWTH)
        slower = last.p50_ms > first.p50_ms * (1 + SLOWER)
        return not (grown or slower or any(third.unanswered for third in self.thirds))

    def told(self) -> str:
        """In lines, for people."""
        mark = "ok  " if self.flat else "MISS"
        head = (
            f"{mark} a call of {self.minutes:.0f} minutes: memory and latency flat "
            f"(goal: {GROWTH:.0%} more memory, {SLOWER:.0%} slower at most, every turn answered)"
        )
        lines = [_line(name, third) for name, third in zip(THIRDS, self.thirds, strict=True)]
        return "\n".join([head, *lines])


def _line(name: str, third: Third) -> str:
    return (
        f"     {name:6} {third.turns:3} turns, p50 {third.p50_ms:5.0f} ms, p95 {third.p95_ms:5.0f} ms, "
        f"{third.unanswered} unanswered; gateway {third.gateway_mb:.0f} MB and {third.cpu:.0%} of a core, "
        f"chief {third.chief_mb:.0f} MB; load {third.load:.1f}"
    )


@dataclass(frozen=True)
class _Sample:
    at_s: float
    wait_s: float | None
    gateway_mb: float
    chief_mb: float
    cpu_s: float
    load: float


async def run(minutes: float, say: Say) -> LongFigures:
    """Hold the call, in real time, in a house of its own."""
    clips = synthetic(PHRASES)
    async with opened() as house, house.gateway() as at:
        (who,) = await house.residents(1)
        await talk(house, at, who, clips[:2])
        async with calling(at, who) as (far, _):
            await far.until_it_spoke(after_s=0)
            samples = await _held(house, at, far, clips, minutes * 60, say)
    return LongFigures(minutes, [_third(part) for part in _parts(samples, minutes * 60)])


async def _held(
    house: House, at: Answerer, far: FarEnd, clips: Sequence[Clip], for_s: float, say: Say
) -> list[_Sample]:
    clock = asyncio.get_running_loop().time
    began, samples, told_at = clock(), list[_Sample](), 0.0
    while (now_s := clock() - began) < for_s:
        wait_s = await answered(far, clips[len(samples) % len(clips)])
        samples.append(_sample(house, at, now_s, wait_s))
        if now_s - told_at > 60:
            told_at = now_s
            one = samples[-1]
            say(
                f"{now_s / 60:4.1f} min: {len(samples)} turns, gateway {one.gateway_mb:.1f} MB, "
                f"chief {one.chief_mb:.1f} MB, load {one.load:.1f}"
            )
    return samples


def _sample(house: House, at: Answerer, at_s: float, wait_s: float | None) -> _Sample:
    chief_mb = pss_mb(house.chief.pid) if house.chief else 0.0
    return _Sample(at_s, wait_s, at.memory_mb, chief_mb, at.cpu_s, os.getloadavg()[0])


def _parts(samples: Sequence[_Sample], whole_s: float) -> list[list[_Sample]]:
    parts: list[list[_Sample]] = [[], [], []]
    for one in samples:
        parts[min(2, int(3 * one.at_s / whole_s))].append(one)
    return parts


def _third(part: Sequence[_Sample]) -> Third:
    waits = [1000 * one.wait_s for one in part if one.wait_s is not None] or [0.0]
    return Third(
        turns=len(part),
        unanswered=sum(one.wait_s is None for one in part),
        p50_ms=percentile(waits, 0.5),
        p95_ms=percentile(waits, 0.95),
        gateway_mb=statistics.median(one.gateway_mb for one in part),
        chief_mb=statistics.median(one.chief_mb for one in part),
        cpu=(part[-1].cpu_s - part[0].cpu_s) / max(1e-9, part[-1].at_s - part[0].at_s),
        load=statistics.mean(one.load for one in part),
    )
