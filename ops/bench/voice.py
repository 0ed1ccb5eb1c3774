"""How long a caller waits, and whether they are understood: real calls in real time over the µ-law band.

Each call is signed and streamed as Twilio would, to a gateway of a house of its own (`voice_house`): what
is said goes through Redis to the chief, and what the chief does goes into the ledger. What the public
network adds is not in it.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from ops.bench import voice_names, voice_vendor
from ops.bench.measuring import Say, percentile
from ops.bench.stage import free_port
from ops.bench.voice_caller import Talk, interrupt, talk
from ops.bench.voice_house import Answerer, House, Resident, opened
from ops.bench.voice_speakers import (
    INTERRUPTIONS,
    MORE_PHRASES,
    PHRASES,
    RECORDINGS,
    Clip,
    people,
    synthetic,
)
from ops.phone_figures import Figures, stage_means

_CUTS, _HEARINGS = 5, 2
"""How often each interruption is said, and each recording of people. A call cuts them anew."""
IN_A_CROWD = 6
"""Phrases of each of its callers."""
_APART_S = 0.37
"""Between the beginnings of two callers."""


class Wish(msgspec.Struct, frozen=True):
    """What is measured."""

    rounds: int = 1
    """How often each phrase is said by one caller."""
    at_once: int = 8
    """Callers of the crowd."""
    with_vendor: int = 12
    """Callers of one gateway whose speech is a vendor's; 0 measures none."""
    recordings: str = str(RECORDINGS)


class Spread(msgspec.Struct, frozen=True):
    """In milliseconds."""

    p50_ms: float
    p95_ms: float
    samples: int


class Crowd(msgspec.Struct, frozen=True):
    """Callers at once."""

    callers: int
    gateways: int
    wait: Spread
    cpu: float
    """Of one core, by all its gateways."""
    bridged: int
    """Turns that began with "one moment"."""
    unanswered: int


class Misheard(msgspec.Struct, frozen=True):
    """A clip that was not understood to the letter."""

    said: str
    heard: str


class VoiceFigures(msgspec.Struct, frozen=True):
    """What was measured."""

    synthetic: Spread
    people: Spread | None
    crowd: Crowd
    by_vendor: Crowd | None
    by_vendor_twice: Crowd | None
    """Two gateways beside each other."""
    greeting: Spread
    clear: Spread
    """From the first sound of an interruption until the line is cleared."""
    stages_ms: dict[str, float]
    """Means of one caller's synthetic turns."""
    synthetic_wer: float
    people_wer: float | None
    names: voice_names.Names
    misheard: list[Misheard]
    split: int
    """Clips that were taken for more than one turn."""
    rejoined: int
    """Pauses that were answered, and joined again when the caller went on."""
    unanswered: int
    bridged: int
    memory_mb: float
    """The gateway's, after all its calls."""


async def run(wish: Wish, say: Say) -> VoiceFigures:
    """Measure; takes some minutes, in real time."""
    # Piper says the same each time that it is loaded; no two calls cut it into the same windows.
    spoken = [clip for _ in range(wish.rounds) for clip in synthetic(PHRASES + MORE_PHRASES)]
    talks = [spoken[at : at + len(PHRASES)] for at in range(0, len(spoken), len(PHRASES))]
    phrases, persons = talks[0], people(Path(wish.recordings))
    cuts = synthetic(INTERRUPTIONS)
    async with opened() as house:
        async with house.gateway() as at:
            alone, human, cleared, stages = await _alone(house, at, talks, persons, cuts, say)
            crowd = await _crowd(house, [at], wish.at_once, phrases, say)
            say("names that the ledger does not have, and then has")
            names, named = await voice_names.heard(house, at, (await house.residents(1))[0])
            memory_mb, bridged = at.memory_mb, _bridged(await at.figures())
        by_vendor = await _with_vendor(house, 1, wish.with_vendor, phrases, say)
        # Nearly twice as many: the two share the chief, the ledger and the processors.
        twice = await _with_vendor(house, 2, 2 * wish.with_vendor - 2, phrases, say)
    whole = [*alone, *human]
    return VoiceFigures(
        synthetic=_spread(one for talked in alone for one in talked.waits_s),
        people=_spread(one for talked in human for one in talked.waits_s) if human else None,
        crowd=crowd,
        by_vendor=by_vendor,
        by_vendor_twice=twice,
        greeting=_spread(talked.greeting_s for talked in whole),
        clear=_spread(cleared),
        stages_ms=stages,
        synthetic_wer=_wer(alone),
        people_wer=_wer(human) if human else None,
        names=names,
        misheard=[Misheard(*pair) for talked in [*whole, named] for pair in talked.misheard],
        split=sum(talked.split for talked in whole),
        rejoined=sum(talked.rejoined for talked in whole),
        unanswered=sum(talked.unanswered for talked in whole),
        bridged=bridged,
        memory_mb=memory_mb,
    )


async def _alone(
    house: House,
    at: Answerer,
    talks: Sequence[Sequence[Clip]],
    persons: Sequence[Clip],
    cuts: Sequence[Clip],
    say: Say,
) -> tuple[list[Talk], list[Talk], list[float], dict[str, float]]:
    """One caller at a time: synthetic turns, people's, interruptions, and where the time went."""
    (who,) = await house.residents(1)
    await talk(house, at, who, talks[0][:1])
    say(f"{sum(map(len, talks))} synthetic turns, one caller")
    before = await at.figures()
    alone = [await talk(house, at, who, clips) for clips in talks]
    stages = _stages(before, await at.figures())
    say(f"{len(persons)} recordings of people, {_HEARINGS} times")
    human = [await talk(house, at, who, persons) for _ in range(_HEARINGS if persons else 0)]
    say("interruptions")
    cleared = [await interrupt(at, who, clip) for clip in [*cuts] * _CUTS]
    return alone, human, cleared, stages


async def _with_vendor(
    house: House, gateways: int, callers: int, clips: Sequence[Clip], say: Say
) -> Crowd | None:
    """So many callers of gateways that leave speech to a vendor, which is simulated."""
    if callers <= 0:
        return None
    async with AsyncExitStack() as stack:
        led = await stack.enter_async_context(voice_vendor.vendor(house.home, free_port()))
        at = [await stack.enter_async_context(house.gateway(**led)) for _ in range(gateways)]
        return await _crowd(house, at, callers, clips, say)


async def _crowd(house: House, at: Sequence[Answerer], size: int, clips: Sequence[Clip], say: Say) -> Crowd:
    """So many callers at once, each beginning at another phrase and another moment."""
    # The owner's session hears the news of all; each of these has one of their own.
    who = (await house.residents(size + 1))[1:]
    for one in at:
        await talk(house, one, who[0], clips[:1])
    say(f"{size} callers at once, {len(at)} gateway(s)")

    async def call(number: int, caller: Resident) -> Talk:
        await asyncio.sleep(number * _APART_S)
        first = number % len(clips)
        own = [*clips[first:], *clips[:first]][:IN_A_CROWD]
        return await talk(house, at[number % len(at)], caller, own)

    clock = asyncio.get_running_loop().time
    bridged = sum([_bridged(await one.figures()) for one in at])
    cpu_s, began = sum(one.cpu_s for one in at), clock()
    talks = await asyncio.gather(*(call(number, caller) for number, caller in enumerate(who)))
    return Crowd(
        callers=size,
        gateways=len(at),
        wait=_spread(wait for talked in talks for wait in talked.waits_s),
        cpu=(sum(one.cpu_s for one in at) - cpu_s) / (clock() - began),
        bridged=sum([_bridged(await one.figures()) for one in at]) - bridged,
        unanswered=sum(talked.unanswered for talked in talks),
    )


def _stages(before: Figures, after: Figures) -> dict[str, float]:
    return {stage: 1000 * seconds for stage, seconds in stage_means(before, after).items()}


def _bridged(figures: Figures) -> int:
    """Turns whose first words took longer than a second."""
    name = "cos_voice_stage_seconds"
    whole = figures.get(f"{name}_count{{stage=brain}}", 0.0)
    return round(whole - figures.get(f"{name}_bucket{{le=1.0,stage=brain}}", 0.0))


def _wer(talks: Sequence[Talk]) -> float:
    return sum(one.wrong for one in talks) / max(1, sum(one.words for one in talks))


def _spread(seconds: Iterable[float]) -> Spread:
    values = [1000 * one for one in seconds] or [0.0]
    return Spread(percentile(values, 0.5), percentile(values, 0.95), len(values))
