"""One claim, from the call of the work to the write that ends it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from agentops import tracing
from agentops.client import AgentOpsClient
from agentops.errors import AgentOpsError, StaleClaim
from agentops.worker.endings import Ending, WorkLost
from agentops.worker.job import Asked, GiveUp, HandBack, Job, TryAgain
from agentops.worker.leases import Held, Interruption
from agentops.worker.progress import ProgressReport
from agentops.worker.succession import Succession

log = logging.getLogger(__name__)

TIME_TO_CLEAN_UP_S = 10.0
"""For work that was cancelled; then it is left behind."""
RELEASED_BECAUSE = {
    Interruption.PAUSED: "everything is paused",
    Interruption.UNBEGUN: "no slot became free in time",
}


class Attempt:
    """Does the work of one claim and says how it ended.

    Args:
        ops: The ledger.
        held: The claim.
        work: What does it.
        lease_s: What progress reports ask for.
        succession: Who comes next in the slot of this one.
    """

    def __init__(
        self,
        ops: AgentOpsClient,
        held: Held,
        work: Callable[[Job], Awaitable[dict[str, Any] | None]],
        *,
        lease_s: int,
        succession: Succession,
    ) -> None:
        self._held = held
        self._work = work
        self._ending = Ending(ops, held)
        self._succession = succession
        self._report = ProgressReport(ops, held, lease_s=lease_s)
        self._job = Job(ops, held, self._report)

    async def run(self) -> None:
        """Work until done, interrupted or lost.

        Raises:
            AgentOpsError: The ledger would not take the end; the lease will run out.
        """
        reporting = asyncio.create_task(self._report.run())
        working = asyncio.create_task(self._worked())
        try:
            await self._until_interrupted(working)
        finally:
            working.cancel()
            reporting.cancel()
            await asyncio.wait({reporting})
        self._succession.worked()
        try:
            ended = await self._end(working)
        except WorkLost as lost:
            log.info("task.lost task_id=%s reason=%s", self._held.task_id, lost)
        else:
            log.info("task.ended task_id=%s how=%s", self._held.task_id, ended)

    async def _worked(self) -> dict[str, Any]:
        task = self._job.task
        # The task says whose trace it continues: that of the word that asked for it.
        with tracing.span("task.work", task.context.get(tracing.HEADER), task_id=task.id):
            return await self._work(self._job) or {}

    async def _until_interrupted(self, working: asyncio.Task[dict[str, Any]]) -> None:
        if self._held.interrupted.is_set():  # before the work began; now it never does
            working.cancel()
        interruption = asyncio.create_task(self._held.interrupted.wait())
        try:
            await asyncio.wait({working, interruption}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            interruption.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working}, timeout=TIME_TO_CLEAN_UP_S)

    async def _end(self, working: asyncio.Task[dict[str, Any]]) -> str:
        """How it ended, which the ledger knows now.

        Raises:
            WorkLost: It takes nothing more from this claim.
        """
        if self._held.interruption is Interruption.LOST:
            raise WorkLost("another holds the task, or nobody")
        if working.cancelled() or not working.done():
            return await self._stop()
        error = working.exception()
        if error is None:
            return await self._complete(working.result())
        return await self._end_without_result(error)

    async def _stop(self) -> str:
        if self._held.interruption is Interruption.CANCELLED:
            await self._ending.cancel()
            return "cancelled"
        why = self._held.interruption or Interruption.STOPPING
        await self._ending.release(RELEASED_BECAUSE.get(why, "the worker is shutting down"))
        return "released"

    async def _complete(self, result: dict[str, Any]) -> str:
        try:
            await self._hand_in(result)
        except AgentOpsError as error:
            if error.retryable:
                raise
            await self._ending.fail(f"The ledger refused the result: {error.detail}", retryable=False)
            return "failed"
        return "completed"

    async def _hand_in(self, result: dict[str, Any]) -> None:
        """Raises as `Ending.complete` does, whichever way it goes."""
        with self._succession.asking() as wish:
            if wish is None:
                await self._ending.complete(result)
                return
            settled = await self._ending.settle(result, wish)
            self._succession.give(settled.claims)
        (outcome,) = settled.outcomes
        if not outcome.done:
            raise WorkLost(outcome.detail or outcome.code or "the result was not taken")

    async def _end_without_result(self, error: BaseException) -> str:
        match error:
            case Asked():
                await self._ending.block(
                    error.question, kind=error.kind, options=error.options, expires_in_s=error.expires_in_s
                )
                return "blocked"
            case HandBack():
                await self._ending.release(error.reason, error.wait_for)
                return "released"
            case GiveUp():
                await self._ending.fail(str(error) or "The worker gave up", retryable=False)
            case TryAgain():
                await self._ending.fail(str(error) or "The attempt failed", retryable=True)
            case StaleClaim() | WorkLost():
                raise WorkLost(str(error)) from error
            case _:
                log.error("work.failed task_id=%s", self._held.task_id, exc_info=error)
                await self._ending.fail(f"{type(error).__name__}: {error}", retryable=True)
        return "failed"
