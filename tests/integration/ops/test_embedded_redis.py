"""The embedded Redis keeps what it acknowledged."""

import os
import signal
import stat
from pathlib import Path

import psutil
from redis.asyncio import Redis

from ops.embedded.redis import EmbeddedRedis


async def test_it_starts_and_keeps_its_data_in_any_path(odd_home: Path) -> None:
    async with EmbeddedRedis(odd_home) as server, Redis.from_url(server.url) as client:
        await client.set("kept", "42")
    async with EmbeddedRedis(odd_home) as server, Redis.from_url(server.url) as client:
        assert await client.get("kept") == b"42"


async def test_a_killed_server_is_started_again_with_nothing_lost(home: Path) -> None:
    async with EmbeddedRedis(home) as server:
        async with Redis.from_url(server.url) as client:
            for number in range(100):
                await client.rpush("kept", number)
        os.kill(server.pid, signal.SIGKILL)
        assert await server.wait() == -signal.SIGKILL
        await server.start()
        async with Redis.from_url(server.url) as client:
            assert await client.llen("kept") == 100


async def test_nobody_else_can_reach_it(home: Path) -> None:
    async with EmbeddedRedis(home) as server:
        assert stat.S_IMODE((home / "run").stat().st_mode) == 0o700
        assert stat.S_IMODE((home / "redis").stat().st_mode) == 0o700
        assert psutil.Process(server.pid).net_connections("inet") == []


async def test_a_server_left_over_by_a_killed_supervisor_is_replaced(home: Path) -> None:
    left_over = EmbeddedRedis(home)
    await left_over.start()
    async with EmbeddedRedis(home) as server, Redis.from_url(server.url) as client:
        assert await client.ping()
        assert await left_over.wait() == 0
