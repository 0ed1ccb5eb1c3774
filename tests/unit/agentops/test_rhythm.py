"""When a worker claims ahead of a free slot, and when it had better not."""

import pytest

from agentops.worker.rhythm import LEAST_LEAD_S, MOST_LEAD_S, REMEMBERED, SHORTEST_S, Rhythm


def after(*seconds: float, claims: float = 0.01) -> Rhythm:
    """A rhythm that has seen tasks of these lengths, and claims that take so long."""
    rhythm = Rhythm()
    for one in seconds:
        rhythm.worked(one)
        rhythm.claimed(claims)
    return rhythm


def test_steady_work_is_foreseen_for_each_that_runs() -> None:
    rhythm = after(*[1.0] * REMEMBERED)
    assert rhythm.wishes([20.0, 10.0]) == pytest.approx([11.0 - LEAST_LEAD_S, 21.0 - LEAST_LEAD_S])
    assert rhythm.wishes([]) == []


def test_a_slow_ledger_is_asked_earlier_and_never_much_too_early() -> None:
    assert after(*[1.0] * REMEMBERED, claims=0.1).wishes([0.0]) == pytest.approx([0.8])
    assert after(*[1.0] * REMEMBERED, claims=9.0).wishes([0.0]) == pytest.approx([1.0 - MOST_LEAD_S])


def test_work_shorter_than_a_claim_is_claimed_for_as_it_begins() -> None:
    assert after(*[SHORTEST_S] * REMEMBERED).wishes([5.0]) == [5.0]


def test_work_that_takes_no_time_is_not_claimed_for_ahead() -> None:
    assert after(*[SHORTEST_S / 2] * REMEMBERED).wishes([5.0]) == []


def test_the_shortest_is_what_counts() -> None:
    assert after(1.2, *[1.0] * (REMEMBERED - 1)).wishes([0.0]) == pytest.approx([1.0 - LEAST_LEAD_S])


@pytest.mark.parametrize(
    "seconds", [[], [1.0] * (REMEMBERED - 1), [1.0] * (REMEMBERED - 1) + [30.0], [0.1, 5.0] * REMEMBERED]
)
def test_nothing_is_foreseen_without_a_rhythm(seconds: list[float]) -> None:
    assert after(*seconds).wishes([0.0]) == []


def test_a_rhythm_that_proved_wrong_has_to_be_found_anew() -> None:
    rhythm = after(*[1.0] * REMEMBERED)
    rhythm.break_off()
    assert rhythm.wishes([0.0]) == []
    for _ in range(REMEMBERED):
        rhythm.worked(2.0)
    assert rhythm.wishes([0.0])
