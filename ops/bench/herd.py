"""A herd of workers of which one is killed again and again, and what became of the tasks."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from agentops import AgentOpsClient
from agentops.wire import NewTask, Task, TaskId, TaskStatus

_BATCH = 200
_LOOK_S = 0.1
_ON_ITS_WAY_S = 0.1
"""A worker that dies may have a renewal on its way, which begins its last lease a moment later."""


@dataclass(frozen=True)
class Plan:
    """How hard it is.

    Attributes:
        workers: Processes at any time.
        tasks: In all.
        slots: Tasks at once, in each worker.
        work_s: What a task takes.
        lease_s: Of each claim.
        kill_every_s: Pause between two kills.
        patience_s: For all tasks together.
    """

    workers: int = 8
    tasks: int = 500
    slots: int = 2
    work_s: float = 0.5
    lease_s: int = 5
    kill_every_s: float = 2.0
    patience_s: float = 600.0


class HerdAudit(msgspec.Struct, frozen=True):
    """What the ledger says afterwards."""

    tasks: int
    kills: int
    attempts_lost: int
    """Claims that a kill cut off."""
    not_completed: int
    ended_twice: int
    """Tasks with more than one completion, among their attempts or in the event log."""
    longest_stuck_s: float
    """From a worker's death until its task was there for others."""
    lease_s: int
    seconds: float

    @property
    def clean(self) -> bool:
        """Whether every task ended once, and none was stuck longer than its lease."""
        stuck = self.longest_stuck_s > self.lease_s + _ON_ITS_WAY_S
        return not (self.not_completed or self.ended_twice or stuck)

    def told(self) -> str:
        """For people."""
        return (
            f"{'ok  ' if self.clean else 'MISS'} {self.tasks} tasks, kill -9 of a random worker {self.kills} "
            f"times: {self.attempts_lost} claims cut off, {self.not_completed} not completed, "
            f"{self.ended_twice} ended twice, longest stuck {self.longest_stuck_s:.2f} s "
            f"(lease {self.lease_s} s), {self.seconds:.0f} s in all"
        )


@dataclass
class _Herd:
    url: str
    agent_key: str
    plan: Plan
    alive: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    died: dict[str, datetime] = field(default_factory=dict)
    born: int = 0

    async def bear(self) -> None:
        """One more worker, under a name of its own."""
        self.born += 1
        name = f"herd-{self.born}"
        plan = self.plan
        self.alive[name] = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "ops.bench.working", self.url, name),
            *(str(plan.slots), str(plan.work_s), str(plan.lease_s)),
            env={**os.environ, "LEDGER_API_KEY": self.agent_key},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )

    async def kill_one(self) -> None:
        """A random one, and another in its place."""
        name = random.choice(sorted(self.alive))  # noqa: S311
        process = self.alive.pop(name)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        self.died[name] = datetime.now(UTC)
        await self.bear()

    async def end(self) -> None:
        for process in self.alive.values():
            process.kill()
            await process.wait()


@asynccontextmanager
async def _herd(url: str, agent_key: str, plan: Plan) -> AsyncIterator[_Herd]:
    herd = _Herd(url, agent_key, plan)
    try:
        for _ in range(plan.workers):
            await herd.bear()
        yield herd
    finally:
        await herd.end()


async def harried(
    url: str, admin: AgentOpsClient, agent_key: str, plan: Plan, say: Callable[[str], None]
) -> HerdAudit:
    """Gives a herd its tasks, kills until all are done, and audits.

    Raises:
        TimeoutError: Not all tasks ended in time.
    """
    loop = asyncio.get_running_loop()
    tasks = await _tasks(admin, plan.tasks)
    async with _herd(url, agent_key, plan) as herd:
        began = loop.time()
        killing = asyncio.create_task(_kill(herd, say))
        try:
            async with asyncio.timeout(plan.patience_s):
                await _until_done(admin)
        finally:
            killing.cancel()
            await asyncio.wait({killing})
        return await _audited(admin, tasks, herd, loop.time() - began)


async def _tasks(admin: AgentOpsClient, count: int) -> list[Task]:
    made: list[Task] = []
    for start in range(0, count, _BATCH):
        wanted = range(start, min(start + _BATCH, count))
        made += await admin.create_tasks([NewTask(title=f"Task {n}", max_attempts=20) for n in wanted])
    return made


async def _kill(herd: _Herd, say: Callable[[str], None]) -> None:
    while True:
        await asyncio.sleep(herd.plan.kill_every_s)
        await herd.kill_one()
        say(f"kill {len(herd.died)}")


async def _until_done(admin: AgentOpsClient) -> None:
    left = True
    while left:
        await asyncio.sleep(_LOOK_S)
        counts = (await admin.stats()).tasks
        left = bool(counts["pending"] or counts["in_progress"])


async def _audited(admin: AgentOpsClient, tasks: list[Task], herd: _Herd, seconds: float) -> HerdAudit:
    told = await _completions(admin)
    lost, unfinished, twice, stuck_s = 0, 0, 0, [0.0]
    for task in tasks:
        attempts = await admin.list_attempts(task.id)
        completed = sum(one.outcome == "completed" for one in attempts)
        unfinished += (await admin.get_task(task.id)).status is not TaskStatus.COMPLETED
        twice += completed > 1 or told[task.id] > 1
        for one in attempts:
            died = herd.died.get(one.agent)
            if one.outcome == "lease_expired" and died and one.ended_at:
                lost += 1
                stuck_s.append((one.ended_at - died).total_seconds())
    return HerdAudit(
        tasks=len(tasks),
        kills=len(herd.died),
        attempts_lost=lost,
        not_completed=unfinished,
        ended_twice=twice,
        longest_stuck_s=max(stuck_s),
        lease_s=herd.plan.lease_s,
        seconds=seconds,
    )


async def _completions(admin: AgentOpsClient) -> Counter[TaskId | None]:
    counts: Counter[TaskId | None] = Counter()
    cursor = "0"
    while True:
        page = await admin.list_events(after=cursor, types=["task.completed"], limit=500)
        if not page.events:
            return counts
        counts.update(event.task_id for event in page.events)
        cursor = page.cursor
