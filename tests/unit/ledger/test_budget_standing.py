"""How a budget stands, in whole numbers."""

import pytest

from agentops.wire import BudgetState
from ledger.usage.standing import Standing, state_of

OK, WARNING, EXHAUSTED = BudgetState


@pytest.mark.parametrize(
    ("spent", "limit", "state"),
    [
        (0, 1, OK),
        (79, 100, OK),
        (80, 100, WARNING),
        (99, 100, WARNING),
        (100, 100, EXHAUSTED),
        (250, 100, EXHAUSTED),
        (1, 1, EXHAUSTED),
        # Where floats would round: 80% of 10**15 + 1 is not reached by 8 * 10**14.
        (8 * 10**14, 10**15 + 1, OK),
        (8 * 10**14 + 1, 10**15 + 1, WARNING),
    ],
)
def test_a_budget_warns_at_four_fifths_and_ends_at_the_whole(
    spent: int, limit: int, state: BudgetState
) -> None:
    assert state_of(spent, limit) is state


def test_each_state_is_told_once_on_the_way_up() -> None:
    standing, told = Standing(limit=100), []
    for spent in (50, 80, 90, 100, 130, 200):
        after = standing.moved(spent=spent)
        told.append(standing.news(after))
        standing = after
    assert told == [None, "budget.warning", None, "budget.exhausted", None, None]


def test_a_leap_over_the_warning_tells_the_end_only() -> None:
    start = Standing(limit=100)
    assert start.news(start.moved(spent=100)) == "budget.exhausted"


def test_a_raised_limit_is_no_news_but_makes_the_next_warning_one() -> None:
    spent = Standing(limit=100).moved(spent=100)
    raised = spent.moved(spent=100, limit=200)
    assert (raised.state, spent.news(raised)) == (OK, None)
    assert raised.news(raised.moved(spent=160)) == "budget.warning"
