"""What work has cost, and how the budgets stand: read together, for the overview and the page about costs."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from agentops import AgentOpsClient
from agentops.wire import Budget, BudgetUnit, Project, ProjectId, UsageGroup, UsageSum

UNITS = ("money", "tokens", "calls")


@dataclass(frozen=True)
class Day:
    """What was used on one day."""

    day: date
    used: UsageSum


@dataclass(frozen=True)
class Spending:
    """The sums of some days, today last, and the budgets."""

    days: tuple[Day, ...]
    groups: dict[str, tuple[UsageSum, ...]]
    """By `project`, `agent` and `model`, the dearest first; empty when only days were asked for."""
    budgets: tuple[Budget, ...]
    projects: dict[ProjectId, str]
    """Names."""

    @property
    def today(self) -> UsageSum:
        """What was used today."""
        return self.days[-1].used

    @property
    def total(self) -> UsageSum:
        """What was used in all these days."""
        used = [day.used for day in self.days]
        return UsageSum(
            group=None,
            tokens_in=sum(one.tokens_in for one in used),
            tokens_out=sum(one.tokens_out for one in used),
            money=sum(one.money for one in used),
            call_seconds=sum(one.call_seconds for one in used),
        )


def used_of(used: UsageSum, unit: str) -> int:
    """The number behind `money`, `tokens` or `calls`."""
    return {
        "money": used.money,
        "tokens": used.tokens_in + used.tokens_out,
        "calls": used.call_seconds,
    }[unit]


def unit_of(budget: Budget) -> str:
    """What a budget limits, as one of `UNITS`."""
    return "calls" if budget.unit is BudgetUnit.CALL_SECONDS else budget.unit.value


async def load_spending(
    ops: AgentOpsClient, days: int, *, groups: bool = True, now: datetime | None = None
) -> Spending:
    """Read it from the ledger; days are those of UTC, as budgets are by default."""
    today = (now or datetime.now(UTC)).date()
    first = today - timedelta(days=days - 1)
    begin = datetime.combine(first, time(), UTC)
    wanted = (UsageGroup.PROJECT, UsageGroup.AGENT, UsageGroup.MODEL) if groups else ()
    async with asyncio.TaskGroup() as group:
        by_day = group.create_task(ops.sum_usage(UsageGroup.DAY, begin=begin))
        by_group = {one.value: group.create_task(ops.sum_usage(one, begin=begin)) for one in wanted}
        budgets = group.create_task(ops.list_budgets())
        projects = group.create_task(_project_names(ops, wanted=groups))
    return Spending(
        days=tuple(every_day(first, days, by_day.result())),
        groups={name: tuple(sums.result()) for name, sums in by_group.items()},
        budgets=tuple(budgets.result()),
        projects=projects.result(),
    )


async def _project_names(ops: AgentOpsClient, *, wanted: bool) -> dict[ProjectId, str]:
    projects: list[Project] = await ops.list_projects() if wanted else []
    return {project.id: project.name for project in projects}


def every_day(first: date, days: int, sums: list[UsageSum]) -> list[Day]:
    """A day for each date; nothing was used on those that the ledger does not name."""
    known = {used.group: used for used in sums}
    dates = [first + timedelta(days=n) for n in range(days)]
    return [Day(one, known.get(one.isoformat()) or _nothing(one)) for one in dates]


def _nothing(day: date) -> UsageSum:
    return UsageSum(group=day.isoformat(), tokens_in=0, tokens_out=0, money=0, call_seconds=0)
