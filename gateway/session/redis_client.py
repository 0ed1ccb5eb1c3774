"""A Redis connection that outlives the server's restarts."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, ReadOnlyError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = structlog.get_logger(__name__)

ANSWER_TIMEOUT_S = 10.0
"""Longer than any blocking read of ours, and than a slow disk's fsync."""

UNREACHABLE = (RedisConnectionError, RedisTimeoutError, BusyLoadingError, ReadOnlyError, OSError)
"""Redis is away, loading its log or changing its primary: the same call will do later."""

_FIRST_WAIT_S = 0.02
_LONGEST_WAIT_S = 1.0

Answer = TypeVar("Answer")


@asynccontextmanager
async def open_redis(url: str) -> AsyncIterator[Redis]:
    """Open a pool of connections; connects when first used.

    Retries and timeouts are `patiently`'s business alone. A broken connection must be seen: a subscriber that
    was reconnected unseen would not know that it missed something. And redis-py's own `socket_timeout` goes
    through `asyncio.wait_for`, which on Python 3.11 may swallow a cancellation.
    """
    redis = Redis.from_url(
        url,
        protocol=2,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=None,
        socket_connect_timeout=ANSWER_TIMEOUT_S,
    )
    try:
        yield redis
    finally:
        await redis.aclose()


async def patiently(call: Callable[[], Awaitable[Answer]]) -> Answer:
    """Repeat a call until Redis answers; bound it with `asyncio.timeout` where somebody waits.

    The call may have run before its answer was lost, so it must be one that may run twice.
    """
    tries = 0
    while True:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                answer = await call()
        except UNREACHABLE as error:
            await wait_before(tries, error)
            tries += 1
        else:
            if tries > 1:
                log.info("redis.back", tries=tries)
            return answer


async def wait_before(tries: int, error: Exception) -> None:
    """Sleep before the next try: longer each time, never in step with the other clients."""
    if tries == 1:  # the very first failure is often just a stale connection in the pool
        log.warning("redis.unreachable", error=str(error))
    wait_s = min(_FIRST_WAIT_S * 2 ** min(tries, 10), _LONGEST_WAIT_S)
    await asyncio.sleep(wait_s * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
