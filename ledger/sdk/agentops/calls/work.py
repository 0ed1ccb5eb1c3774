"""Work: what the holder of a lease may do. Every write carries the epoch of its claim."""

from collections.abc import Sequence

from agentops.calls.base import Calls
from agentops.requests import path_of
from agentops.wire import (
    BatchOutcome,
    BatchOutcomes,
    Block,
    Claim,
    ClaimNextRequest,
    ClaimRequest,
    Claims,
    Complete,
    CompleteBatch,
    CompleteItem,
    Fail,
    Heartbeat,
    LeaseState,
    Release,
    Settle,
    Settled,
    Task,
    TaskId,
)


class WorkCalls(Calls):
    """`/tasks/{id}/claim` and what follows it."""

    async def claim(
        self, task_id: TaskId, request: ClaimRequest, *, idempotency_key: str | None = None
    ) -> Claim:
        """Take this task.

        Raises:
            VersionConflict: It changed since it was read.
            InvalidTransition: It is not pending.
            Paused: Everything is.
            BudgetExhausted: A budget that covers it is spent.
        """
        path = path_of("tasks", task_id, "claim")
        return await self._transport.post(path, Claim, request, key=idempotency_key)

    async def claim_next(
        self, request: ClaimNextRequest, *, idempotency_key: str | None = None
    ) -> list[Claim]:
        """Take up to `request.n` tasks, most urgent first; none when there is nothing to do."""
        return (await self.claim_batch(request, idempotency_key=idempotency_key)).claims

    async def claim_batch(self, request: ClaimNextRequest, *, idempotency_key: str | None = None) -> Claims:
        """The same, with the reason why there are fewer: all is paused, or budgets are spent."""
        return await self._transport.post("/tasks/claim-next", Claims, request, key=idempotency_key)

    async def heartbeat(
        self, task_id: TaskId, beat: Heartbeat, *, idempotency_key: str | None = None
    ) -> LeaseState:
        """Keep the lease and say how far the work is.

        Raises:
            StaleClaim: The lease is lost; stop the work.
        """
        path = path_of("tasks", task_id, "heartbeat")
        return await self._transport.post(path, LeaseState, beat, key=idempotency_key)

    async def complete(
        self, task_id: TaskId, complete: Complete, *, idempotency_key: str | None = None
    ) -> Task:
        """Finish with a result.

        Raises:
            StaleClaim: The lease is lost; the result was not taken.
        """
        return await self._finish(task_id, "complete", complete, idempotency_key)

    async def complete_tasks(
        self, items: Sequence[CompleteItem], *, idempotency_key: str | None = None
    ) -> list[BatchOutcome]:
        """Finish up to 500 tasks, each under its own epoch; what is refused says why and stops no other."""
        body = CompleteBatch(items=list(items))
        path = "/tasks/complete-batch"
        return (await self._transport.post(path, BatchOutcomes, body, key=idempotency_key)).outcomes

    async def settle(self, request: Settle, *, idempotency_key: str | None = None) -> Settled:
        """Finish what is done and take the next, in one trip and one commit, for workers of many small tasks.

        Each item is refused or taken as by `complete_tasks`. A task that waited only for one of these
        items is not given out before the next call.
        """
        return await self._transport.post("/tasks/settle", Settled, request, key=idempotency_key)

    async def fail(self, task_id: TaskId, fail: Fail, *, idempotency_key: str | None = None) -> Task:
        """Give up this attempt; the task is pending again while it may be retried.

        Raises:
            StaleClaim: The lease is lost.
        """
        return await self._finish(task_id, "fail", fail, idempotency_key)

    async def block(self, task_id: TaskId, block: Block, *, idempotency_key: str | None = None) -> Task:
        """Ask the person, and give the lease back until there is an answer.

        Raises:
            StaleClaim: The lease is lost; nothing was asked.
        """
        return await self._finish(task_id, "block", block, idempotency_key)

    async def release(self, task_id: TaskId, release: Release, *, idempotency_key: str | None = None) -> Task:
        """Give the task back for another to take.

        Raises:
            StaleClaim: The lease is lost.
        """
        return await self._finish(task_id, "release", release, idempotency_key)

    async def _finish(
        self, task_id: TaskId, action: str, body: Complete | Fail | Block | Release, key: str | None
    ) -> Task:
        return await self._transport.post(path_of("tasks", task_id, action), Task, body, key=key)
