"""What lies in Redis: turns, replies, reminders and notices that are under way. Kept key by key."""

from collections.abc import AsyncIterable, AsyncIterator

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from ops.errors import BackupUnusable

OURS = "cos:*"
_AT_A_TIME = 500


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One key, as Redis' own DUMP writes it."""

    key: bytes
    ttl_ms: int
    """0: for ever."""
    value: bytes


async def entries(url: str) -> AsyncIterator[list[Entry]]:
    """Every key of ours, in batches.

    Raises:
        BackupUnusable: Redis cannot be reached.
    """
    try:
        async with Redis.from_url(url) as redis:
            # A scan may name a key twice.
            keys = sorted({key async for key in redis.scan_iter(match=OURS, count=_AT_A_TIME)})
            for start in range(0, len(keys), _AT_A_TIME):
                yield await _dumped(redis, keys[start : start + _AT_A_TIME])
    except (OSError, RedisError) as error:
        raise BackupUnusable(
            f"Redis cannot be reached ({type(error).__name__}). `cos doctor` says more."
        ) from error


async def _dumped(redis: Redis, keys: list[bytes]) -> list[Entry]:
    pipeline = redis.pipeline(transaction=False)
    for key in keys:
        pipeline.pttl(key)
        pipeline.dump(key)
    answers = await pipeline.execute() if keys else []
    pairs = zip(keys, answers[::2], answers[1::2], strict=True)
    # What has ended meanwhile is not there any more.
    return [Entry(key, max(0, ttl), value) for key, ttl, value in pairs if value is not None]


async def put_back(url: str, batches: AsyncIterable[list[Entry]]) -> int:
    """Write the keys into an empty Redis; how many.

    Raises:
        BackupUnusable: it is not empty, cannot be reached, or is too old for what a newer one wrote.
    """
    written = 0
    try:
        async with Redis.from_url(url) as redis:
            async for _ in redis.scan_iter(match=OURS, count=_AT_A_TIME):
                raise BackupUnusable("Redis holds a conversation already. Restore into an empty one.")
            async for batch in batches:
                pipeline = redis.pipeline(transaction=False)
                for entry in batch:
                    pipeline.restore(entry.key, entry.ttl_ms, entry.value)
                await pipeline.execute()
                written += len(batch)
    except ResponseError as error:
        raise BackupUnusable(f"This Redis does not take what another wrote: {error}") from error
    except (OSError, RedisError) as error:
        raise BackupUnusable(f"Redis cannot be reached ({type(error).__name__}).") from error
    return written


async def remove(url: str) -> None:
    """Take every key of ours out again.

    Raises:
        BackupUnusable: Redis cannot be reached.
    """
    try:
        async with Redis.from_url(url) as redis:
            async for key in redis.scan_iter(match=OURS, count=_AT_A_TIME):
                await redis.delete(key)
    except (OSError, RedisError) as error:
        raise BackupUnusable(f"Redis cannot be reached ({type(error).__name__}).") from error
