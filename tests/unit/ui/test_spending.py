"""Sums by day, and numbers in words."""

from datetime import date

import pytest

from agentops.wire import BudgetUnit, UsageSum
from ui import wording
from ui.components.budgets import budget_of
from ui.spending import Spending, every_day, used_of


def used(day: str, money: int) -> UsageSum:
    return UsageSum(group=day, tokens_in=3, tokens_out=4, money=money, call_seconds=5)


def test_days_without_usage_are_there_too() -> None:
    days = every_day(date(2026, 2, 27), 3, [used("2026-02-28", 10), used("2025-01-01", 99)])
    assert [(day.day.day, day.used.money) for day in days] == [(27, 0), (28, 10), (1, 0)]


def test_the_total_is_of_the_days_shown() -> None:
    days = every_day(date(2026, 1, 1), 2, [used("2026-01-01", 10), used("2026-01-02", 30)])
    spending = Spending(days=tuple(days), groups={}, budgets=(), projects={})
    assert (spending.today.money, spending.total.money) == (30, 40)
    assert used_of(spending.total, "tokens") == 14


@pytest.mark.parametrize(
    ("n", "said"), [(0, "$0.00"), (1, "< $0.01"), (1_240_000, "$1.24"), (12_345_678_900, "$12,345.68")]
)
def test_money_in_words(n: int, said: str) -> None:
    assert wording.money(n) == said


@pytest.mark.parametrize(("n", "said"), [(0, "0"), (940, "940"), (12_400, "12.4 k"), (310_000_000, "310 M")])
def test_amounts_in_words(n: int, said: str) -> None:
    assert wording.amount(n) == said


@pytest.mark.parametrize(
    ("unit", "limit", "in_ledger"),
    [("money", "2,50", 2_500_000), ("call_seconds", "10", 600), ("tokens", "1e6", 10**6)],
)
def test_a_budget_is_set_in_the_units_of_people(unit: str, limit: str, in_ledger: int) -> None:
    budget = budget_of({"unit": unit, "limit": limit, "period": "day"})
    assert (budget.unit, budget.limit) == (BudgetUnit(unit), in_ledger)


@pytest.mark.parametrize("limit", ["", "0", "-1", "much", "nan", "inf", "1e99"])
def test_a_limit_that_is_none_is_refused(limit: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        budget_of({"unit": "money", "limit": limit, "period": "day"})
