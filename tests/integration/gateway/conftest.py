"""Session streams on a real Redis, and a Redis of one's own to kill."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from ops.embedded.redis import EmbeddedRedis


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with open_redis(redis_url) as client:
        yield client


@pytest.fixture
def stream(redis: Redis) -> RedisSessionStream:
    return RedisSessionStream(redis)


@pytest.fixture
async def mortal_redis(tmp_path: Path) -> AsyncIterator[EmbeddedRedis]:
    """A server of this test's own, as an installation has it: on disk before it answers."""
    async with EmbeddedRedis(tmp_path / "home") as server:
        yield server
