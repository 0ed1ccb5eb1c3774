"""When a call is tried again, and when it is given up."""

import random

import pytest

from agentops import AgentOpsError, Backoff, RateLimited, RetryPolicy, Unavailable
from agentops.errors import LedgerFault
from tests.unit.agentops.fixtures import Waits, policy


class Failing:
    """Fails with these errors in turn, then succeeds."""

    def __init__(self, *failures: AgentOpsError) -> None:
        self.failures = list(failures)
        self.tries = 0

    async def __call__(self) -> str:
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


async def run(call: Failing, retry: RetryPolicy, *, may_repeat: bool = True) -> str:
    return await retry.run(call, may_repeat=lambda _: may_repeat)


async def test_pauses_double_up_to_the_cap() -> None:
    backoff = Backoff(first_s=0.2, cap_s=5.0, random=lambda: 0.0)
    assert [backoff.delay_s(n) for n in range(7)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert backoff.delay_s(100_000) == 5.0


def test_pauses_of_many_clients_differ_by_up_to_a_half() -> None:
    backoff = Backoff(first_s=1.0, cap_s=1.0, random=random.Random(1).random)  # noqa: S311
    delays = [backoff.delay_s(0) for _ in range(200)]
    assert 0.5 <= min(delays) < 0.55
    assert 0.95 < max(delays) <= 1.0


async def test_a_call_succeeds_after_failures() -> None:
    waits = Waits()
    call = Failing(Unavailable(), RateLimited())
    assert await run(call, policy(waits)) == "done"
    assert waits.slept_s == [0.2, 0.4]


async def test_the_last_error_is_raised_when_the_tries_are_used_up() -> None:
    call = Failing(*(Unavailable(f"try {n}") for n in range(1, 9)))
    with pytest.raises(Unavailable, match="try 3"):
        await run(call, policy(Waits(), tries=3))
    assert call.tries == 3


async def test_the_ledger_s_own_wait_is_added_to_the_pause() -> None:
    waits = Waits()
    await run(Failing(Unavailable(retry_after_s=2.0)), policy(waits))
    assert waits.slept_s == [2.2]


async def test_a_wait_longer_than_the_budget_is_not_begun() -> None:
    waits = Waits()
    with pytest.raises(RateLimited) as caught:
        await run(Failing(RateLimited(retry_after_s=3_600)), policy(waits))
    assert caught.value.retry_after_s == 3_600
    assert waits.slept_s == []


@pytest.mark.parametrize(("error", "may_repeat"), [(LedgerFault(), True), (Unavailable(), False)])
async def test_what_is_not_safe_or_not_worth_it_is_tried_once(error: AgentOpsError, may_repeat: bool) -> None:
    call = Failing(error)
    with pytest.raises(type(error)):
        await run(call, policy(Waits()), may_repeat=may_repeat)
    assert call.tries == 1
