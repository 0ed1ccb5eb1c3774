"""Token buckets: over time, shared, and without Redis. Both kinds keep the same rules."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from ledger.access.limits import Buckets, LocalBuckets, RateLimits, RedisBuckets, limits_of
from ledger.errors import RateLimited


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def _spend(limits: RateLimits, times: int, key: str = "k") -> int:
    """How many of so many requests pass."""
    passed = 0
    for _ in range(times):
        try:
            await limits.spend(key)
        except RateLimited:
            continue
        passed += 1
    return passed


@pytest.fixture(params=["local", "redis"])
async def buckets(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Buckets]:
    """Ten at once, and then next to none."""
    made: Buckets = LocalBuckets(0.01, 10) if request.param == "local" else RedisBuckets(redis_url, 0.01, 10)
    yield made
    await made.aclose()


async def test_a_bucket_gives_its_burst_and_then_says_how_long_to_wait(buckets: Buckets) -> None:
    assert (await buckets.take("k", 4)).tokens == 4
    assert (await buckets.take("k", 100)).tokens == 6
    empty = await buckets.take("k", 1)
    assert empty.tokens == 0
    assert 90 < empty.wait_s <= 100
    assert (await buckets.take("other", 100)).tokens == 10


async def test_racing_takers_get_no_more_than_the_burst(buckets: Buckets) -> None:
    taken = await asyncio.gather(*(buckets.take("k", 3) for _ in range(20)))
    assert sum(one.tokens for one in taken) == 10


async def test_requests_of_all_kinds_share_a_purse(buckets: Buckets) -> None:
    limits = RateLimits(buckets, 10)
    assert await _spend(limits, 25) == 10
    assert await _spend(limits, 5, "other") == 5
    passed = await asyncio.gather(*(_spend(limits, 1, "third") for _ in range(30)))
    assert sum(passed) == 10


async def test_tokens_come_back_with_time() -> None:
    clock = Clock()
    limits = RateLimits(LocalBuckets(2.0, 4, clock), 4, clock)
    assert await _spend(limits, 9) == 4
    clock.now += 1.0
    assert await _spend(limits, 9) == 2
    clock.now += 1_000
    assert await _spend(limits, 9) == 4


async def test_two_processes_share_one_bucket(redis_url: str) -> None:
    one, two = (limits_of(redis_url, rate_per_s=0.01, burst=40) for _ in range(2))
    passed = await asyncio.gather(_spend(one, 50), _spend(two, 50))
    assert 40 - 2 <= sum(passed) <= 40, "what one took in its last batch, the other cannot spend"
    await one.aclose()
    await two.aclose()


async def test_most_requests_ask_nobody(redis_url: str) -> None:
    limits = limits_of(redis_url, rate_per_s=5_000, burst=10_000)
    async with Redis.from_url(redis_url) as redis:
        await limits.spend("k")
        before = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
        assert await _spend(limits, 5_000) == 5_000
        after = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
    assert after - before <= 11
    await limits.aclose()


async def test_nobody_is_refused_while_redis_is_away() -> None:
    limits = limits_of("redis://127.0.0.1:9", rate_per_s=0.01, burst=1)
    assert await _spend(limits, 50) == 50
    await limits.aclose()


async def test_a_rate_of_nothing_limits_nothing() -> None:
    assert await _spend(limits_of(None, rate_per_s=0, burst=1), 50) == 50
