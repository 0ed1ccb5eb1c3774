"""A specialist's own side: it counts its work, minds its budget, and ends when nothing comes for a while."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

from agentops import AgentOpsClient
from agentops.wire import UsageGroup
from agentops.worker import GiveUp, Job, Work
from brain.seed.specialists.spec import Spec

YES, NO = "Yes", "No"
_QUESTION = (
    "The specialist {name} has used up its budget of {budget:,} tokens. May it do this task nevertheless?"
)


class Idling:
    """Wraps the work of a specialist.

    Args:
        spec: Whose.
        work: What does a task.
        ops: The ledger.
        clock: Seconds.
    """

    def __init__(
        self, spec: Spec, work: Work, ops: AgentOpsClient, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._spec = spec
        self._work = work
        self._ops = ops
        self._clock = clock
        self._running = 0
        self._since = clock()

    async def do(self, job: Job) -> dict[str, Any] | None:
        """One task, unless the specialist's budget is spent and the person does not give more."""
        self._running += 1
        try:
            await self._within_budget(job)
            return await self._work(job)
        finally:
            self._running -= 1
            self._since = self._clock()

    async def until_idle(self, idle_s: float) -> None:
        """Returns when nothing has run for so long."""
        while True:
            left_s = self._since + idle_s - self._clock()
            if left_s <= 0 and not self._running:
                return
            await asyncio.sleep(max(left_s, min(idle_s, 1.0)))

    async def _within_budget(self, job: Job) -> None:
        sums = await self._ops.sum_usage(UsageGroup.AGENT, agent=self._spec.name)
        used = sum(one.tokens_in + one.tokens_out for one in sums)
        if used < self._spec.budget_tokens:
            return
        question = _QUESTION.format(name=self._spec.name, budget=self._spec.budget_tokens)
        if job.ask(question, options=(YES, NO)).strip().lower().rstrip(".!") != YES.lower():
            raise GiveUp(f"The specialist {self._spec.name} has used up its budget.")
