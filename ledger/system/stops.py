"""What keeps tasks from being claimed: the emergency stop, and budgets that are spent.

The claiming statements look into claim_stop, which is empty nearly always. Here is what is said about it
afterwards, when a claim was refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agentops.wire import Stopped, Task
from ledger.engine import LedgerEngine
from ledger.errors import BudgetExhausted, Paused

SYSTEM = "system"

_ACTIVE = """SELECT scope, scope_id, budget_id, reason, until FROM claim_stop
    WHERE until IS NULL OR until > statement_timestamp() ORDER BY budget_id NULLS FIRST"""


@dataclass(frozen=True, slots=True)
class Stop:
    """One row of claim_stop that holds now."""

    scope: str
    scope_id: str | None
    budget_id: str | None
    reason: str
    until: datetime | None

    def holds(self, task: Task, agent: str) -> bool:
        """Whether this agent may not claim this task."""
        named = {"project": task.project_id, "task": task.id, "agent": agent}
        return self.scope not in named or named[self.scope] == self.scope_id

    def refusal(self) -> Paused | BudgetExhausted:
        """What a claim is told."""
        if self.budget_id is None:
            return Paused(f"everything is paused{f': {self.reason}' if self.reason else ''}; resume it first")
        whose = "" if self.scope_id is None else f" {self.scope_id}"
        until = "somebody raises it" if self.until is None else f"{self.until:%Y-%m-%dT%H:%M:%SZ}"
        return BudgetExhausted(
            f"the budget of {self.scope}{whose} is spent: {self.reason}; no claims until {until}",
            current={
                "budget_id": self.budget_id,
                "scope": self.scope,
                "scope_id": self.scope_id,
                "reason": self.reason,
                "until": None if self.until is None else self.until.isoformat(),
            },
        )

    def shown(self) -> Stopped:
        """A spent budget, as claim-next tells of it."""
        return Stopped(
            budget_id=self.budget_id or "",
            scope=self.scope,
            scope_id=self.scope_id,
            reason=self.reason,
            until=self.until,
        )


async def active(db: LedgerEngine) -> Sequence[Stop]:
    """What holds now, the emergency stop first."""
    return [Stop(**row) for row in await db.rows(_ACTIVE)]


async def refusal_for(db: LedgerEngine, task: Task, agent: str) -> Paused | BudgetExhausted | None:
    """Why this agent may not claim this task, if that is stopped."""
    for stop in await active(db):
        if stop.holds(task, agent):
            return stop.refusal()
    return None


async def passed_over(db: LedgerEngine, agent: str) -> tuple[bool, list[Stopped]]:
    """Why there may have been less to claim: whether all is paused, and the spent budgets."""
    stops = await active(db)
    budgets = [stop for stop in stops if stop.budget_id is not None]
    shown = [stop.shown() for stop in budgets if stop.scope != "agent" or stop.scope_id == agent]
    return len(budgets) < len(stops), shown
