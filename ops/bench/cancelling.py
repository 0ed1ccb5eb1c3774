"""How soon a cancelled task's work has stopped, with all the processes that it started."""

import asyncio
import statistics
import tempfile
from pathlib import Path

import msgspec
import psutil

from agentops import AgentOpsClient
from agentops.wire import NewTask, TaskId, TaskStatus
from agentops.worker import Job, Work, Worker
from brain.seed.sandbox import Limits, Sandbox

GOAL_S = 2.0
TIMES = 20
_TREE = "sleep 600 & (sleep 600 & sleep 600) & wait"
_LEAST_PROCESSES = 3
_LOOK_S = 0.005
_PATIENCE_S = 30.0


class Cancels(msgspec.Struct, frozen=True):
    """From the person's cancel; seconds."""

    sandbox: str
    """What held the processes."""
    times: int
    gone_p50_s: float
    """Until none of the task's processes was left."""
    gone_max_s: float
    told_max_s: float
    """Until the ledger said that the task is cancelled."""

    def told(self) -> str:
        """For people."""
        return (
            f"{'ok  ' if self.gone_max_s <= GOAL_S else 'MISS'} cancelled {self.times} times, all processes "
            f"of the work were gone within {self.gone_max_s:.2f} s (p50 {self.gone_p50_s:.2f} s; goal "
            f"{GOAL_S:.0f} s; {self.sandbox}), and the ledger knew within {self.told_max_s:.2f} s"
        )


async def cancelled(url: str, agent_key: str, admin_key: str, *, times: int = TIMES) -> Cancels:
    """A worker of one slot whose tasks start processes that never end, cancelled one after the other.

    Raises:
        SandboxUnavailable: There is none to start them in.

    Args:
        url: Of the ledger.
        agent_key: The worker's.
        admin_key: To make the tasks and cancel them.
        times: How many.
    """
    sandbox = await Sandbox.open()
    gone, told = [], []
    async with AgentOpsClient(url, admin_key) as admin, AgentOpsClient(url, agent_key) as ops:
        worker = Worker(ops, "cancelled", _endless(sandbox), slots=1)
        running = asyncio.create_task(worker.run())
        try:
            for number in range(times):
                gone_s, told_s = await _one(admin, number)
                gone.append(gone_s)
                told.append(told_s)
        finally:
            worker.stop()
            await running
    return Cancels(
        sandbox=sandbox.kind,
        times=times,
        gone_p50_s=statistics.median(gone),
        gone_max_s=max(gone),
        told_max_s=max(told),
    )


def _endless(sandbox: Sandbox) -> Work:
    async def work(_: Job) -> None:
        with tempfile.TemporaryDirectory(prefix="cos-cancel-") as folder:
            await sandbox.run(("/bin/sh", "-c", _TREE), Path(folder), limits=Limits(wall_s=_PATIENCE_S))

    return work


async def _one(admin: AgentOpsClient, number: int) -> tuple[float, float]:
    """Seconds until its processes were gone, and until the ledger said so."""
    before = _processes()
    task = await admin.create_task(NewTask(title=f"Endless {number}"))
    async with asyncio.timeout(_PATIENCE_S):
        while len(started := _processes() - before) < _LEAST_PROCESSES:
            await _pause()
        loop = asyncio.get_running_loop()
        began = loop.time()
        telling = asyncio.create_task(_until_told(admin, task.id))
        await admin.cancel(task.id)
        while started & _processes():
            await _pause()
        gone_s = loop.time() - began
        await telling
        return gone_s, loop.time() - began


async def _until_told(admin: AgentOpsClient, task_id: TaskId) -> None:
    while (await admin.get_task(task_id)).status is not TaskStatus.CANCELLED:
        await _pause()


async def _pause() -> None:
    await asyncio.sleep(_LOOK_S)


def _processes() -> set[psutil.Process]:
    """All that come from this one, by number and time of birth."""
    return set(psutil.Process().children(recursive=True))
