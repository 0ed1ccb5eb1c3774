"""A worker in ten lines: an `async def work(job)` and `await run_worker(ops, "my-agent", work)`.

Owns: claiming by event and poll, keeping leases beside the work, stopping what was cancelled or lost, and
the fenced writes that end a claim. May import: the rest of `agentops`. Start reading at `loop`, then `job`.
"""

from agentops.worker.endings import WorkLost, clean, insist
from agentops.worker.job import Asked, GiveUp, HandBack, Job, TryAgain
from agentops.worker.leases import Interruption
from agentops.worker.loop import Work, Worker
from agentops.worker.running import run_worker

__all__ = [
    "Asked",
    "GiveUp",
    "HandBack",
    "Interruption",
    "Job",
    "TryAgain",
    "Work",
    "WorkLost",
    "Worker",
    "clean",
    "insist",
    "run_worker",
]
