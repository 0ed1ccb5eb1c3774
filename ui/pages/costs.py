"""`/costs`: tokens, money and call minutes, by day, project, agent and model."""

import asyncio

from nicegui import ui
from starlette.requests import Request

from ui import strings
from ui.components import spending as shown
from ui.components.elements import Part, el
from ui.components.frame import Frame, section
from ui.panel import Panel
from ui.reading import Reading, Readings, of_types
from ui.spending import UNITS, Spending, load_spending, used_of
from ui.strings import costs as words

LOAD_S = 3.0
PERIODS = (7, 30, 90)
PAUSE_S = 2.0
PULSE_S = 15.0


def register(panel: Panel) -> None:
    """Declare the page."""
    touches = of_types("task.*", "budget.*", "call.*")

    def reading(days: int) -> Reading[Spending]:
        # That something was used is no event of the ledger.
        load = lambda: load_spending(panel.ops, days)  # noqa: E731
        return Reading(load, touches, panel.following, pause_s=PAUSE_S, pulse_s=PULSE_S)

    known = Readings(reading)

    @ui.page("/costs", title=strings.titled(strings.COSTS))
    async def costs(request: Request, days: str = "", unit: str = "") -> None:
        period = known.of(next((period for period in PERIODS if str(period) == days), 30))
        await asyncio.gather(period.fresh(LOAD_S), panel.board.fresh(LOAD_S))
        CostsPage(Frame(panel, request, strings.COSTS, "/costs"), period, unit)


class CostsPage:
    """One tab's view of the costs."""

    def __init__(self, frame: Frame, period: Reading[Spending], unit: str) -> None:
        self._asked = unit if unit in UNITS else ""
        self._spending: Spending
        with el("div", "page page-narrow"):
            with el("header", "page-head"):
                el("h1", text=strings.COSTS)
            self._part = Part(el("div", "sheet"), self._draw)
        frame.follow(period, self._show)

    def _show(self, spending: Spending) -> None:
        self._spending = spending
        self._part.show(spending)

    @property
    def _unit(self) -> str:
        """What was asked for, or else what was used at all."""
        total = self._spending.total
        return self._asked or next((unit for unit in UNITS if used_of(total, unit)), UNITS[0])

    def _draw(self) -> None:
        spending = self._spending
        self._draw_choices()
        with el("dl", "sums"):
            for name, used in (
                (words.TODAY, spending.today),
                (words.TOTAL.format(days=len(spending.days)), spending.total),
            ):
                with el("div", "sum"):
                    el("dd", "sum-value", shown.said(used_of(used, self._unit), self._unit))
                    el("dt", "quiet", name)
        with section(words.BY_DAY):
            shown.chart(spending.days, self._unit)
            if not any(used_of(spending.total, unit) for unit in UNITS):
                el("p", "empty-line", f"{words.NOTHING} {words.NOTHING_HOW}")
        self._draw_budgets()
        for kind, sums in spending.groups.items():
            if sums:
                with section(words.GROUPS[kind]):
                    shown.sums_table(kind, sums, spending.projects)

    def _draw_choices(self) -> None:
        days = len(self._spending.days)
        with el("div", "toolbar"):
            with el("nav", "filters", aria_label=words.PERIOD):
                for period in PERIODS:
                    current = "true" if period == days else None
                    address = f"/costs?days={period}&unit={self._asked}"
                    el("a", "filter", words.DAYS.format(days=period), href=address, aria_current=current)
            with el("nav", "filters", aria_label=words.UNIT):
                for unit in UNITS:
                    current = "true" if unit == self._unit else None
                    address = f"/costs?days={days}&unit={unit}"
                    el("a", "filter", words.UNITS[unit], href=address, aria_current=current)

    def _draw_budgets(self) -> None:
        with section(words.BUDGETS):
            if not self._spending.budgets:
                with el("p", "empty-line"):
                    el("span", text=f"{words.NO_BUDGETS} ")
                    el("a", "", words.SET_BUDGET, href="/settings#budgets")
            with el("ul", "entries"):
                for budget in self._spending.budgets:
                    with el("li", "entry"):
                        shown.budget_bar(budget, self._spending.projects)
