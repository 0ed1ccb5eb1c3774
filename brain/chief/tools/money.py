"""Budgets: what may be spent. Less is decided at once, more by a button."""

from typing import Any, Literal

from strands import ToolContext, tool

from agentops import AgentOpsClient
from agentops.wire import Budget, BudgetPatch, BudgetPeriod, BudgetScope, BudgetUnit, NewBudget, ProjectId
from brain.chief.approvals import ask_by_gate
from brain.chief.arguments import project_named
from brain.chief.errors import ToolRefused
from brain.chief.tools.base import Desk, owners_only, told, work_of
from brain.rows import BudgetRow, Outcome

MILLIONTHS = 1_000_000
_PER = {"day": "a day", "month": "a month", "total": "in total"}
_MOST = 10**9


class BudgetTools:
    """The ledger's budgets."""

    def __init__(self, desk: Desk) -> None:
        self._ops = desk.ops

    def all(self) -> list[Any]:
        """As `Agent(tools=…)` takes them."""
        return [self.budget]

    @tool(context=True)
    async def budget(
        self,
        tool_context: ToolContext,
        action: Literal["show", "set"] = "show",
        limit: float | None = None,
        period: Literal["day", "month", "total"] = "day",
        unit: Literal["money", "tokens", "call_seconds"] = "money",
        project: str | None = None,
    ) -> dict[str, Any]:
        """Show what was spent and what may be, or set a limit. Raising one takes the owner's button.

        Args:
            action: "show" or "set".
            limit: For "set": how much; money in whole units of the currency, such as 10 or 2.5.
            period: When the count begins anew.
            unit: What is limited.
            project: Name of the project that it is for; left out, everything.
        """
        work = work_of(tool_context)
        key = work.call_name("budget")

        async def act() -> Outcome:
            if action == "show":
                return Outcome(budgets=[_row(one) for one in await self._ops.list_budgets()])
            owners_only(work, "change a budget")
            into = await project_named(self._ops, project) if project else None
            wanted = _new(limit, BudgetPeriod(period), BudgetUnit(unit), into.id if into else None)
            known = await _same(self._ops, wanted)
            if known is not None and wanted.limit > known.limit and not work.approved:
                whose = f"the project “{into.name}”" if into else "everything"
                question = (
                    f"Raise the budget for {whose} from {_amount(known.limit, unit)} to "
                    f"{_amount(wanted.limit, unit)} {_PER[period]}?"
                )
                # By words if it must be: a spent budget is what keeps the gate from being opened.
                return await ask_by_gate(self._ops, tool_context, question, key=key, or_yes=True)
            return await self._set(known, wanted, key)

        return await told(tool_context, act)

    async def _set(self, known: Budget | None, wanted: NewBudget, key: str) -> Outcome:
        if known is None:
            made = await self._ops.create_budget(wanted, idempotency_key=key)
            return Outcome(done="budget.created", budgets=[_row(made)])
        patch = BudgetPatch(limit=wanted.limit)
        changed = await self._ops.update_budget(known.id, patch, idempotency_key=key)
        return Outcome(done="budget.updated", budgets=[_row(changed)])


def _new(
    limit: float | None, period: BudgetPeriod, unit: BudgetUnit, project_id: ProjectId | None
) -> NewBudget:
    if limit is None or not 0 < limit <= _MOST:
        raise ToolRefused("invalid_limit", "Say how much the limit is: a number above 0.")
    return NewBudget(
        scope=BudgetScope.PROJECT if project_id else BudgetScope.ALL,
        scope_id=project_id,
        unit=unit,
        period=period,
        limit=max(1, round(limit * (MILLIONTHS if unit is BudgetUnit.MONEY else 1))),
    )


async def _same(ops: AgentOpsClient, wanted: NewBudget) -> Budget | None:
    shape = (wanted.scope, wanted.scope_id, wanted.unit, wanted.period)
    known = await ops.list_budgets()
    return next((one for one in known if (one.scope, one.scope_id, one.unit, one.period) == shape), None)


def _amount(limit: int, unit: str) -> str:
    return f"{limit / MILLIONTHS:.2f}" if unit == "money" else f"{limit} {unit.replace('_', ' ')}"


def _row(one: Budget) -> BudgetRow:
    share = MILLIONTHS if one.unit is BudgetUnit.MONEY else 1
    return BudgetRow(
        scope=one.name or one.scope,
        unit=one.unit,
        period=one.period,
        limit=one.limit / share,
        spent=one.spent / share,
        state=one.state,
    )
