"""What a command costs in the sandbox: the same command with and without it, in turn."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from brain.seed.sandbox import Sandbox, SandboxUnavailable
from brain.seed.sandbox.bubblewrap import Bubblewrap
from brain.seed.sandbox.landlock import Landlock
from ops.bench.measuring import percentile

GOAL_MS = 25.0
_COMMAND = ("/bin/true",)
_FILE_BYTES = 1 << 20

Say = Callable[[str], None]


class Figures(msgspec.Struct, frozen=True):
    """One kind of sandbox; milliseconds."""

    kind: str
    bare_p50_ms: float
    boxed_p50_ms: float
    boxed_p99_ms: float
    overhead_p50_ms: float
    with_files_p50_ms: float
    """With a workspace of ten files of 1 MB, nothing of which changes."""


class Report(msgspec.Struct, frozen=True):
    """All kinds that this machine has."""

    figures: list[Figures]
    missing: list[str]


async def run(commands: int, say: Say) -> Report:
    """Measures every kind of sandbox.

    Args:
        commands: How many of each.
        say: Hears the result, line by line.
    """
    figures, missing = [], []
    for find in (Bubblewrap.find, Landlock.find):
        try:
            sandbox = await Sandbox.tried(find)
        except SandboxUnavailable as reason:
            missing.append(str(reason))
            say(f"not here: {reason}")
            continue
        found = await _measure(sandbox, commands)
        figures.append(found)
        say(_told(found))
    return Report(figures=figures, missing=missing)


async def _measure(sandbox: Sandbox, commands: int) -> Figures:
    bare: list[float] = []
    boxed: list[float] = []
    filled: list[float] = []
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryDirectory() as full:
        for number in range(10):
            await asyncio.to_thread(Path(full, f"{number}.bin").write_bytes, bytes(_FILE_BYTES))
        for _ in range(commands):
            bare.append(await _timed(_bare()))
            boxed.append(await _timed(sandbox.run(_COMMAND, Path(empty))))
            filled.append(await _timed(sandbox.run(_COMMAND, Path(full))))
    return Figures(
        kind=sandbox.kind,
        bare_p50_ms=statistics.median(bare),
        boxed_p50_ms=statistics.median(boxed),
        boxed_p99_ms=percentile(boxed, 0.99),
        overhead_p50_ms=statistics.median(one - other for one, other in zip(boxed, bare, strict=True)),
        with_files_p50_ms=statistics.median(filled),
    )


async def _bare() -> None:
    process = await asyncio.create_subprocess_exec(
        *_COMMAND, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={}
    )
    await process.communicate()


async def _timed(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


def _told(found: Figures) -> str:
    mark = "ok  " if found.overhead_p50_ms <= GOAL_MS else "MISS"
    return (
        f"{mark} {found.kind}: {found.overhead_p50_ms:.1f} ms more a command (goal {GOAL_MS:.0f} ms); p50 "
        f"bare {found.bare_p50_ms:.1f} ms, boxed {found.boxed_p50_ms:.1f} ms, "
        f"with 10 MB of files {found.with_files_p50_ms:.1f} ms; p99 {found.boxed_p99_ms:.1f} ms"
    )
