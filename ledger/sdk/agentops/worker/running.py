"""A worker as a program of its own, which signals stop."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from agentops.client import AgentOpsClient
from agentops.wire import NewAgent
from agentops.worker.loop import Work, Worker


async def run_worker(ops: AgentOpsClient, agent: NewAgent | str, work: Work, **options: Any) -> None:
    """Run a worker until SIGTERM, SIGINT or cancellation; what it holds is then finished or handed back.

        async def work(job: Job) -> dict[str, Any]:
            name = job.ask("Whom shall I greet?")
            return {"summary": f"Hello {name}"}

        await run_worker(ops, "greeter", work, slots=4)

    What the work does is what becomes of the task: it returns (completed), raises `GiveUp` (failed), raises
    `TryAgain` or anything else (tried again while attempts are left) or asks (blocked until there is an
    answer). When the person cancels the task, or the lease is lost, the work is cancelled as asyncio cancels:
    clean up in `finally`.

    Args:
        ops: The ledger, with a key of scope agent.
        agent: How it registers; a name is enough. Its capabilities say which tasks it takes.
        work: Does one task.
        **options: Those of `Worker`: `slots`, `lease_s`, `heartbeat_s`, `poll_s`, `grace_s`…

    Raises:
        AgentOpsError: The ledger refuses this worker for good, as it does a wrong key.
    """
    worker = Worker(ops, agent, work, **options)
    with _stopped_by_signals(worker):
        await worker.run()


@contextmanager
def _stopped_by_signals(worker: Worker) -> Iterator[None]:
    """Where there are signals: on Windows and outside the main thread there are none."""
    loop, taken = asyncio.get_running_loop(), []
    with suppress(NotImplementedError, ValueError, RuntimeError):
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, worker.stop)
            taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
