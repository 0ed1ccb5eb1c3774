"""Sums and budgets as pages show them."""

from collections.abc import Callable, Sequence

from agentops.wire import Budget, BudgetScope, BudgetState, ProjectId, UsageSum
from ui import wording
from ui.components.elements import el, table
from ui.spending import Day, unit_of, used_of
from ui.strings import costs as words

_FORMS: dict[str, Callable[[int], str]] = {
    "money": wording.money,
    "tokens": wording.amount,
    "calls": wording.talk_time,
}


def said(n: int, unit: str) -> str:
    """A number in its unit."""
    return _FORMS[unit](n)


def chart(days: Sequence[Day], unit: str) -> None:
    """Bars, one a day; what they say is in the table below as well."""
    values = [used_of(day.used, unit) for day in days]
    most = max(values)
    peak = days[values.index(most)].day
    label = words.CHART.format(unit=words.UNITS[unit], most=said(most, unit), day=f"{peak.day} {peak:%B}")
    with el("div", "chart", role="img", aria_label=label):
        with el("div", "chart-bars"):
            for day, value in zip(days, values, strict=True):
                share = value / most * 100 if most else 0
                with el("span", "chart-bar", title=f"{day.day.isoformat()}: {said(value, unit)}"):
                    el("span", "chart-fill" if value else "chart-none", style=f"height:{share:.1f}%")
        with el("div", "chart-ends", aria_hidden="true"):
            el("span", text=f"{days[0].day.day} {days[0].day:%b}")
            el("span", text=f"{said(most, unit)}" if most else "")
            el("span", text=words.TODAY)


def sums_table(kind: str, sums: Sequence[UsageSum], names: dict[ProjectId, str]) -> None:
    """Sums by project, agent or model."""
    title = words.GROUPS[kind]
    with table(title):
        with el("thead"), el("tr"):
            el("th", "", words.GROUP_HEADS[kind], scope="col")
            for head in (words.MONEY, words.TOKENS_IN, words.TOKENS_OUT, words.CALLS):
                el("th", "figure", head, scope="col")
        with el("tbody"):
            for used in sums:
                with el("tr"):
                    el("td", "", _name(kind, used.group, names))
                    el("td", "figure", said(used.money, "money"))
                    el("td", "figure", wording.amount(used.tokens_in))
                    el("td", "figure", wording.amount(used.tokens_out))
                    el("td", "figure", said(used.call_seconds, "calls"))


def _name(kind: str, group: str | None, names: dict[ProjectId, str]) -> str:
    if group is None:
        return words.NO_GROUP[kind]
    return names.get(ProjectId(group), group) if kind == "project" else group


def budget_bar(budget: Budget, names: dict[ProjectId, str] | None = None) -> None:
    """How much of a budget is spent."""
    unit = unit_of(budget)
    with el("div", "budget-head"):
        el("span", "strong", budget_name(budget, names or {}))
        state = words.STATES[budget.state]
        if state:
            el("span", f"budget-state budget-{budget.state.value}", state)
        spent = words.OF.format(spent=said(budget.spent, unit), limit=said(budget.limit, unit))
        el("span", "quiet", spent)
    classes = "progress" if budget.state is BudgetState.OK else f"progress progress-{budget.state.value}"
    share = min(1.0, budget.spent / budget.limit)
    el("progress", classes, max=1, value=round(share, 3), aria_label=budget_name(budget, names or {}))


def budget_name(budget: Budget, names: dict[ProjectId, str]) -> str:
    """What a budget is called: its name, or whose it is."""
    if budget.name:
        return budget.name
    what = f"{words.UNITS[unit_of(budget)]} {words.PERIODS[budget.period]}"
    if budget.scope is BudgetScope.ALL or budget.scope_id is None:
        return what
    return f"{what}, {names.get(ProjectId(budget.scope_id), budget.scope_id)}"
