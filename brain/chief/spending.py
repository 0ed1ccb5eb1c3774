"""What talking costs: written down after each turn, checked against the budgets before the model is asked."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from agentops import AgentOpsClient, AgentOpsError
from agentops.wire import Budget, BudgetState, UsageKind, UsageRecord

AGENT = "chief"
SPENT = (
    "The budget is spent{until}, so I answer without my language model: plain requests only. "
    "/budget shows it, and you can raise it. "
)
_FRESH_S = 2.0
"""How old the ledger's word on budgets may be."""
_GATHERED_S = 0.25
"""How long usage waits for that of other turns, to be written with it: what a killed process can lose."""
_MOST_RECORDS = 500
_MILLIONTHS = 1_000_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Used:
    """What the calls of one model came to."""

    model: str
    tokens_in: int
    tokens_out: int
    cost: float | None = None
    """In the currency; None: its price is unknown."""


class Spending:
    """Usage and budgets of the chief itself."""

    def __init__(self, ops: AgentOpsClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ops = ops
        self._clock = clock
        self._until = 0.0
        self._spent: Budget | None = None
        self._unwritten: list[UsageRecord] = []
        self._writing = False

    async def spent(self) -> Budget | None:
        """A budget that leaves nothing for the chief; None: it may think, also while the ledger is away."""
        if self._clock() >= self._until:
            try:
                budgets = await self._ops.list_budgets(agent=AGENT)
            except AgentOpsError as away:
                log.warning("budget.unknown", code=away.code)
                return None
            self._until = self._clock() + _FRESH_S
            self._spent = next((one for one in budgets if one.state is BudgetState.EXHAUSTED), None)
        return self._spent

    async def record(self, session_id: str, used: Sequence[Used]) -> None:
        """Write down what a turn used, together with what others use just now."""
        self._unwritten += [record for one in used for record in _records(one, session_id)]
        if self._writing:
            return
        self._writing = True
        try:
            while self._unwritten:
                await asyncio.sleep(_GATHERED_S)
                taken = self._unwritten[:_MOST_RECORDS]
                del self._unwritten[:_MOST_RECORDS]
                await self._write(taken)
        finally:
            self._writing = False

    async def _write(self, records: Sequence[UsageRecord]) -> None:
        """The persons have their answers, so a failure is only logged."""
        try:
            told = await self._ops.record_usage(records)
        except AgentOpsError as away:
            log.warning("usage.not_recorded", records=len(records), code=away.code)
            return
        if any(budget.state is BudgetState.EXHAUSTED for budget in told.budgets):
            self._until = 0.0


def spent_text(budget: Budget) -> str:
    """What the person is told."""
    until = f" until {budget.period_end:%d %B, %H:%M} UTC" if budget.period_end else ""
    return SPENT.format(until=until)


def _records(used: Used, session_id: str) -> list[UsageRecord]:
    amounts = [(UsageKind.TOKENS_IN, used.tokens_in), (UsageKind.TOKENS_OUT, used.tokens_out)]
    if used.cost is not None:
        amounts.append((UsageKind.MONEY, round(used.cost * _MILLIONTHS)))
    return [
        UsageRecord(kind=kind, amount=amount, agent=AGENT, session=session_id, model=used.model)
        for kind, amount in amounts
        if amount
    ]
