"""How fast one key may ask: a token bucket a key, shared by all processes through Redis.

A process takes tokens from the bucket in batches and spends them in memory, so that most requests ask
nobody. What it took and has not spent is its own, hence a process may overdraw a batch, a twentieth of the
burst. Without Redis the bucket is this process's; while Redis is away nobody is refused.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ledger.errors import RateLimited

BATCHES = 20
AWAY_S = 1.0
"""So long Redis is not asked again after it failed."""
TIMEOUT_S = 0.5
MAX_KEYS = 10_000

# The bucket as it was at `at`; Redis's clock, so that processes need not agree on theirs.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local rate, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or burst, tonumber(kept[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * rate)
local taken = math.min(math.floor(tokens), wanted)
if taken > 0 then
    redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - taken), 'at', string.format('%.6f', now))
    redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
end
return {taken, tostring((1 - (tokens - taken)) / rate)}
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a bucket gave."""

    tokens: int
    wait_s: float = 0.0
    """Until the next one, if it gave none."""


class Buckets(Protocol):
    """Where the buckets are kept."""

    async def take(self, key_id: str, wanted: int) -> Taken:
        """Up to so many tokens."""
        ...

    async def aclose(self) -> None:
        """Gives up what it holds open."""
        ...


class LocalBuckets:
    """In this process."""

    def __init__(self, rate_per_s: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate_per_s
        self._burst = burst
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    async def take(self, key_id: str, wanted: int) -> Taken:
        now = self._clock()
        if len(self._buckets) > MAX_KEYS:
            self._buckets.clear()
        tokens, at = self._buckets.get(key_id, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - at) * self._rate)
        taken = min(int(tokens), wanted)
        self._buckets[key_id] = (tokens - taken, now)
        return Taken(taken, (1 - (tokens - taken)) / self._rate)

    async def aclose(self) -> None:
        """Nothing."""


class RedisBuckets:
    """For all processes together; while Redis is away, full for everybody."""

    def __init__(
        self, url: str, rate_per_s: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._redis = Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
        self._script = self._redis.register_script(_TAKE)
        self._arguments = (rate_per_s, burst)
        self._clock = clock
        self._away_until = 0.0

    async def take(self, key_id: str, wanted: int) -> Taken:
        if self._clock() < self._away_until:
            return Taken(wanted)
        try:
            taken, wait_s = await self._script(
                keys=[f"ledger:rate:{key_id}"], args=[*self._arguments, wanted]
            )
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = self._clock() + AWAY_S
            log.warning("limits.suspended", error=type(error).__name__, for_s=AWAY_S)
            return Taken(wanted)
        return Taken(int(taken), float(wait_s))

    async def aclose(self) -> None:
        await self._redis.aclose()


@dataclass(slots=True)
class _Purse:
    """What this process took for a key and has not spent."""

    tokens: int = 0
    empty_until: float = 0.0
    """The bucket is known to be empty; nobody needs to ask it."""
    filling: asyncio.Lock = field(default_factory=asyncio.Lock)


class RateLimits:
    """Lets requests pass, or says how long to wait."""

    def __init__(
        self, buckets: Buckets | None, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._buckets = buckets
        self._clock = clock
        self._batch = max(1, burst // BATCHES)
        self._purses: dict[str, _Purse] = {}

    async def spend(self, key_id: str) -> None:
        """One request.

        Raises:
            RateLimited: the key's bucket is empty.
        """
        if self._buckets is None:
            return
        purse = self._purses.get(key_id) or self._new_purse(key_id)
        if purse.tokens == 0:
            await self._fill(self._buckets, key_id, purse)
        purse.tokens -= 1

    def _new_purse(self, key_id: str) -> _Purse:
        if len(self._purses) >= MAX_KEYS:
            self._purses.clear()
        return self._purses.setdefault(key_id, _Purse())

    async def _fill(self, buckets: Buckets, key_id: str, purse: _Purse) -> None:
        """Leaves a token that the caller may spend. One request asks, and those that wait share."""
        async with purse.filling:
            if purse.tokens > 0:
                return
            if self._clock() >= purse.empty_until:
                taken = await buckets.take(key_id, self._batch)
                purse.tokens += taken.tokens
                purse.empty_until = 0.0 if taken.tokens else self._clock() + taken.wait_s
            if purse.tokens == 0:
                wait_s = max(0.0, purse.empty_until - self._clock())
                raise RateLimited(f"this key has asked too often; wait {wait_s:.2g} s", retry_after_s=wait_s)

    async def aclose(self) -> None:
        """Gives up what the buckets hold open."""
        if self._buckets is not None:
            await self._buckets.aclose()


def limits_of(redis_url: str | None, *, rate_per_s: float, burst: int) -> RateLimits:
    """The limits of one process; a rate of 0 sets none."""
    if rate_per_s == 0:
        return RateLimits(None, burst)
    if redis_url is None:
        return RateLimits(LocalBuckets(rate_per_s, burst), burst)
    return RateLimits(RedisBuckets(redis_url, rate_per_s, burst), burst)
