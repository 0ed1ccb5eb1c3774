"""The shared fixtures do what they say."""

import asyncpg
from redis.asyncio import Redis


async def test_each_test_gets_a_database_of_its_own(postgres_dsn: str) -> None:
    connection = await asyncpg.connect(postgres_dsn)
    try:
        await connection.execute("CREATE TABLE t (x int)")
        assert await connection.fetchval("SELECT count(*) FROM t") == 0
        assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    finally:
        await connection.close()


async def test_a_database_starts_empty(postgres_dsn: str) -> None:
    connection = await asyncpg.connect(postgres_dsn)
    try:
        await connection.execute("CREATE TABLE t (x int)")
    finally:
        await connection.close()


async def test_redis_starts_empty_and_syncs_every_write(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
        assert (await client.config_get("appendfsync"))["appendfsync"] == "always"
        await client.set("left", "behind")
