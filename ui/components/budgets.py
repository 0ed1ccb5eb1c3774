"""Budgets: how they stand, set and taken away."""

from collections.abc import Callable

from agentops.wire import Budget, BudgetPeriod, BudgetScope, BudgetUnit, NewBudget
from ui.components import spending
from ui.components.elements import KeyedList, el
from ui.components.forms import Sure, Values, choice, field, on_form, submit
from ui.components.frame import Frame
from ui.strings import settings as words

_IN_ONE = {BudgetUnit.MONEY: 1_000_000, BudgetUnit.CALL_SECONDS: 60, BudgetUnit.TOKENS: 1}
"""How many of the ledger's units are one of the person's: money, minutes, tokens."""


class BudgetSection:
    """All budgets, and a form for those over everything.

    Args:
        frame: of the tab.
        changed: called after each act, since the ledger tells of none of them.
    """

    def __init__(self, frame: Frame, changed: Callable[[], None]) -> None:
        self._frame = frame
        self._changed = changed
        self._rows = KeyedList[Budget](
            el("ul", "entries"), key=lambda budget: budget.id, draw=self._draw, classes="entry"
        )
        self._none = el("p", "empty-line", words.NO_BUDGETS)
        with on_form(el("form", "form"), self._create):
            field(words.LIMIT, "limit", hint=words.LIMIT_HINT, required=True, classes="labelled-short")
            choice(words.BUDGET_UNIT, "unit", words.UNITS, value="money")
            choice(words.BUDGET_PERIOD, "period", words.PERIODS, value="day")
            submit(words.BUDGET_SET)

    def show(self, budgets: tuple[Budget, ...]) -> None:
        """Show these."""
        self._rows.show(budgets)
        self._none.set_visibility(not budgets)

    def _draw(self, budget: Budget) -> None:
        spending.budget_bar(budget)
        with el("div", "choices choices-quiet"):
            Sure(
                words.DELETE,
                words.DELETE_SURE,
                words.DELETE_YES,
                lambda: self._delete(budget),
                name=spending.budget_name(budget, {}),
                classes="button-quiet",
            )

    async def _create(self, values: Values) -> None:
        try:
            budget = budget_of(values)
        except (ValueError, OverflowError):
            self._frame.toast(words.NOT_AN_AMOUNT, bad=True)
            return
        await self._frame.act(lambda ops: ops.create_budget(budget), words.BUDGET_IS_SET)
        self._changed()

    async def _delete(self, budget: Budget) -> None:
        await self._frame.act(lambda ops: ops.delete_budget(budget.id), words.DELETED)
        self._changed()


def budget_of(values: Values) -> NewBudget:
    """The budget that the form describes.

    Raises:
        ValueError: the limit is not a number above zero.
        OverflowError: it is endless.
    """
    unit = BudgetUnit(values.get("unit", ""))
    limit = round(float(values.get("limit", "").replace(",", ".")) * _IN_ONE[unit])
    if not 0 < limit <= 10**15:
        raise ValueError(limit)
    period = BudgetPeriod(values.get("period", ""))
    return NewBudget(scope=BudgetScope.ALL, unit=unit, period=period, limit=limit)
