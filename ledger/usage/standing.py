"""How a budget stands: pure arithmetic in whole numbers."""

from dataclasses import dataclass

from agentops.wire import BudgetState, BudgetUnit, UsageKind

WARN_PERCENT = 80

COUNTED = {
    BudgetUnit.TOKENS: frozenset({UsageKind.TOKENS_IN, UsageKind.TOKENS_OUT}),
    BudgetUnit.MONEY: frozenset({UsageKind.MONEY}),
    BudgetUnit.CALL_SECONDS: frozenset({UsageKind.CALL_SECONDS}),
}
"""The kinds of usage that each unit counts."""

NEWS = {BudgetState.WARNING: "budget.warning", BudgetState.EXHAUSTED: "budget.exhausted"}


def state_of(spent: int, limit: int) -> BudgetState:
    """What so much of a limit means."""
    if spent >= limit:
        return BudgetState.EXHAUSTED
    return BudgetState.WARNING if spent * 100 >= limit * WARN_PERCENT else BudgetState.OK


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget's present period."""

    limit: int
    spent: int = 0
    state: BudgetState = BudgetState.OK

    def moved(self, *, spent: int, limit: int | None = None) -> "Standing":
        """After more was used, or the limit was changed."""
        limit = self.limit if limit is None else limit
        return Standing(limit, spent, state_of(spent, limit))

    def news(self, after: "Standing") -> str | None:
        """The event that tells of this move. Each state is told once: leaving it upwards tells the next."""
        worse = list(BudgetState).index(after.state) > list(BudgetState).index(self.state)
        return NEWS[after.state] if worse else None
