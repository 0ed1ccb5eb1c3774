"""What a task costs: told to the ledger after each call of the model, and stopped at its limits."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from agentops import AgentOpsError
from agentops.wire import Budget, BudgetState, UsageKind, UsageRecord
from agentops.worker import GiveUp, HandBack, Job

log = structlog.get_logger(__name__)

GO_ON, STOP = "Go on", "Stop here"
_QUESTION = (
    "I have worked on this for {calls:,} steps or {tokens:,} tokens, which is as much as I may spend without "
    "asking, and I am not done. Shall I go on for as long again?"
)


@dataclass(frozen=True)
class Used:
    """One call of a model."""

    model: str
    tokens_in: int
    tokens_out: int
    millionths: int = 0
    """Of the installation's currency; 0 when nobody knows."""


@dataclass(frozen=True)
class Allowance:
    """What a task may use before the person is asked."""

    calls: int
    tokens: int


class Spending:
    """Counts what one task uses, over all its attempts.

    Args:
        job: The claim.
        allowance: Until the person is asked.
        calls: Of the model, in earlier attempts.
        tokens: Used in earlier attempts.
    """

    def __init__(self, job: Job, allowance: Allowance, *, calls: int = 0, tokens: int = 0) -> None:
        self._job = job
        self._allowance = allowance
        self.calls = calls
        self.tokens = tokens
        self._untold: list[Used] = []
        self._spent: Budget | None = None

    def note(self, used: Used) -> None:
        """Count one call; `settle` tells the ledger."""
        self.calls += 1
        self.tokens += used.tokens_in + used.tokens_out
        self._untold.append(used)

    async def settle(self) -> None:
        """Tell the ledger, and hear how the budgets stand. What it cannot take now is told next time."""
        telling, self._untold = self._untold, []
        records = [record for used in telling for record in _records(used, self._job)]
        if not records:
            return
        try:
            told = await self._job.ops.record_usage(records)
        except AgentOpsError as error:
            log.warning("usage.untold", task_id=self._job.task.id, code=error.code)
            self._untold = telling if error.retryable else []
            return
        exhausted = [budget for budget in told.budgets if budget.state is BudgetState.EXHAUSTED]
        self._spent = exhausted[0] if exhausted else None

    def check(self) -> None:
        """Let the next call of the model pass, or end the attempt.

        Raises:
            HandBack: A budget of the ledger is spent: the task waits until it begins anew or is raised.
            Asked: The task's own allowance is spent; the person decides.
            GiveUp: They decided against.
        """
        if self._spent is not None:
            name = self._spent.name or f"{self._spent.scope.value} {self._spent.unit.value}"
            raise HandBack(f"the budget “{name}” is spent")
        calls, tokens = self._allowance.calls, self._allowance.tokens
        while self.calls >= calls or self.tokens >= tokens:
            answer = self._job.ask(_QUESTION.format(calls=calls, tokens=tokens), options=(GO_ON, STOP))
            if answer.strip().lower() not in (GO_ON.lower(), "yes"):
                raise GiveUp("Stopped at its budget, as you decided.")
            calls, tokens = calls + self._allowance.calls, tokens + self._allowance.tokens


def _records(used: Used, job: Job) -> Sequence[UsageRecord]:
    amounts = (
        (UsageKind.TOKENS_IN, used.tokens_in),
        (UsageKind.TOKENS_OUT, used.tokens_out),
        (UsageKind.MONEY, used.millionths),
    )
    return [
        UsageRecord(kind=kind, amount=amount, task_id=job.task.id, model=used.model)
        for kind, amount in amounts
        if amount > 0
    ]
