"""`cos bench seed`: how busy a worker keeps its slots, how soon it stops, and what kills cost."""

import asyncio
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from agentops import AgentOpsClient
from agentops.wire import NewTask
from agentops.worker import Job, Worker
from brain.seed.sandbox import SandboxUnavailable
from ops.bench import stage
from ops.bench.cancelling import Cancels, cancelled
from ops.bench.herd import HerdAudit, Plan, harried
from ops.bench.measuring import percentile

GOAL = 0.95
SLOTS = 4


class Utilisation(msgspec.Struct, frozen=True):
    """How much of the slots' time was work, from the first task's begin to the last one's begin."""

    slots: int
    tasks: int
    work_s: float
    share: float
    gap_ms: float
    """From the end of a slot's task to the begin of its next: the mean."""
    gap_p95_ms: float
    late_ms: float
    """How much longer than asked for the work's own sleep took: what the machine, not the worker, added."""

    def told(self) -> str:
        """For people."""
        return (
            f"{'ok  ' if self.share >= GOAL else 'MISS'} {self.share:.1%} of {self.slots} slots busy while "
            f"tasks waited ({self.tasks} tasks of {self.work_s:g} s; goal {GOAL:.0%}); between two "
            f"tasks {self.gap_ms:.1f} ms (95% within {self.gap_p95_ms:.1f} ms), while the machine's timers "
            f"were {self.late_ms:.1f} ms late"
        )


class SeedFigures(msgspec.Struct, frozen=True):
    """All of it."""

    utilisation: Utilisation
    cancels: Cancels | None
    """None: this machine has no sandbox."""
    herd: HerdAudit | None


async def run(plan: Plan | None, *, tasks: int, work_s: float, say: Callable[[str], None]) -> SeedFigures:
    """On servers of its own.

    Args:
        plan: Of the kills; None: without.
        tasks: For the utilisation.
        work_s: What each of those takes.
        say: Told of the progress.
    """
    with tempfile.TemporaryDirectory(prefix="cos-seed-") as home:
        async with stage.opened(Path(home)) as place:
            async with place.ledger(await place.database("busy")) as ledger:
                busy = await utilisation(_url(ledger), ledger.agent_key, ledger.admin_key, tasks, work_s)
                say(busy.told())
                cancels = await _cancels(ledger, say)
            if plan is None:
                return SeedFigures(busy, cancels, None)
            async with place.ledger(await place.database("herd")) as ledger:
                async with AgentOpsClient(_url(ledger), ledger.admin_key) as admin:
                    herd = await harried(_url(ledger), admin, ledger.agent_key, plan, say)
                say(herd.told())
            return SeedFigures(busy, cancels, herd)


async def utilisation(
    url: str, agent_key: str, admin_key: str, tasks: int, work_s: float, *, slots: int = SLOTS
) -> Utilisation:
    """One worker on a full queue.

    Args:
        url: Of the ledger.
        agent_key: The worker's.
        admin_key: To make the tasks.
        tasks: How many.
        work_s: What each takes.
        slots: Tasks at once.
    """
    loop = asyncio.get_running_loop()
    spans: list[tuple[float, float]] = []
    done = asyncio.Event()

    async def work(_: Job) -> dict[str, Any]:
        began = loop.time()
        await asyncio.sleep(work_s)
        spans.append((began, loop.time()))
        if len(spans) == tasks:
            done.set()
        return {"summary": "done"}

    async with AgentOpsClient(url, admin_key) as admin, AgentOpsClient(url, agent_key) as ops:
        for start in range(0, tasks, 200):
            wanted = range(start, min(start + 200, tasks))
            await admin.create_tasks([NewTask(title=f"Task {n}") for n in wanted])
        worker = Worker(ops, "busy", work, slots=slots)
        running = asyncio.create_task(worker.run())
        await done.wait()
        worker.stop()
        await running
    gaps_s = _gaps(spans, slots)
    return Utilisation(
        slots=slots,
        tasks=tasks,
        work_s=work_s,
        share=_share(spans, slots),
        gap_ms=1_000 * statistics.fmean(gaps_s),
        gap_p95_ms=1_000 * percentile(gaps_s, 0.95),
        late_ms=1_000 * statistics.fmean(ended - began - work_s for began, ended in spans),
    )


async def _cancels(ledger: stage.LedgerProcess, say: Callable[[str], None]) -> Cancels | None:
    try:
        found = await cancelled(_url(ledger), ledger.agent_key, ledger.admin_key)
    except SandboxUnavailable as missing:
        say(f"not measured: how soon cancelled work stops. {missing}")
        return None
    say(found.told())
    return found


def _share(spans: list[tuple[float, float]], slots: int) -> float:
    """While the queue was not empty: until the last task was begun."""
    first, last = min(began for began, _ in spans), max(began for began, _ in spans)
    busy = sum(min(ended, last) - began for began, ended in spans)
    return busy / (slots * (last - first)) if last > first else 1.0


def _gaps(spans: list[tuple[float, float]], slots: int) -> list[float]:
    """Whichever slot became free first is the one that the next task began in."""
    begun, ended = sorted(began for began, _ in spans), sorted(ended for _, ended in spans)
    return [began - free for began, free in zip(begun[slots:], ended, strict=False)]


def _url(ledger: stage.LedgerProcess) -> str:
    return f"http://{stage.HOST}:{ledger.port}"
