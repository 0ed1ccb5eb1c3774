"""PostgreSQL and Redis of one's own: reached, new enough, and set so that nothing acknowledged is lost."""

from typing import Any

from ops.doctor.findings import Finding, Ground, bad, good, hint, off

AREA = "services"
TIMEOUT_S = 5
OLDEST_POSTGRES = 140_000


async def check(ground: Ground) -> list[Finding]:
    """Asks what `DATABASE_URL` and `REDIS_URL` name; the embedded ones are looked after by `cos up`."""
    database, redis = ground.settings.database_url, ground.settings.redis_url
    return [
        *(await _postgres(database.get_secret_value()) if database else [_embedded("postgresql", ground)]),
        *(await _redis(redis.get_secret_value()) if redis else [_embedded("redis", ground)]),
    ]


def _embedded(name: str, ground: Ground) -> Finding:
    part = {"postgresql": "postgres"}.get(name, name)
    running = ground.state.parts.get(part) if ground.state else None
    if running is None:
        return off(AREA, name, "embedded; started by `cos up`")
    if running.process() is None:
        return bad(
            AREA, name, "its process ended", "`cos up` starts it again; `cos logs postgres redis` says why."
        )
    return good(AREA, name, f"embedded, process {running.pid}")


async def _postgres(dsn: str) -> list[Finding]:
    import asyncpg

    try:
        connection = await asyncpg.connect(dsn, timeout=TIMEOUT_S)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return [bad(AREA, "postgresql", f"no connection: {type(error).__name__}", _database_advice(error))]
    try:
        return await _asked(connection)
    finally:
        await connection.close(timeout=TIMEOUT_S)


async def _asked(connection: Any) -> list[Finding]:
    version = int(await connection.fetchval("SHOW server_version_num"))
    most = int(await connection.fetchval("SHOW max_connections"))
    said = f"version {version // 10_000}, {most} connections at most"
    if version < OLDEST_POSTGRES:
        return [bad(AREA, "postgresql", said, "PostgreSQL 14 or later is needed.")]
    found = [good(AREA, "postgresql", said)]
    if await connection.fetchval("SHOW synchronous_commit") == "off":
        advice = "A crash of the server loses the last commits: set synchronous_commit = on."
        found.append(hint(AREA, "commits", "synchronous_commit is off", advice))
    return found


def _database_advice(error: Exception) -> str:
    import asyncpg

    if isinstance(error, asyncpg.InvalidPasswordError | asyncpg.InvalidAuthorizationSpecificationError):
        return "User or password is wrong in DATABASE_URL; what is not a letter or digit must be %-encoded."
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return "Make the database that DATABASE_URL names: CREATE DATABASE … OWNER …"
    return "Is it running, and does DATABASE_URL name its host and port? A firewall may stand between."


async def _redis(url: str) -> list[Finding]:
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    try:
        async with Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S) as client:
            version = str((await client.info("server")).get("redis_version", "?"))
            return [good(AREA, "redis", f"version {version}"), await _durability(client)]
    except (OSError, TimeoutError, ValueError, RedisError) as error:
        advice = "Is it running, and are host, port and password in REDIS_URL right?"
        return [bad(AREA, "redis", f"no connection: {type(error).__name__}", advice)]


async def _durability(client: Any) -> Finding:
    from redis.exceptions import ResponseError

    try:
        told = await client.config_get("appendonly", "appendfsync", "maxmemory-policy")
    except ResponseError:
        # Managed servers hide their configuration.
        return hint(
            AREA, "durability", "it does not say how it is set", "See that appendonly is on in its console."
        )
    if told.get("appendonly") != "yes" or told.get("appendfsync") == "no":
        advice = (
            "Messages may be lost when it crashes: set appendonly yes and appendfsync always (or everysec)."
        )
        return hint(AREA, "durability", "it does not keep what it is told", advice)
    if told.get("maxmemory-policy", "noeviction") != "noeviction":
        advice = "It throws messages away when memory is short: set maxmemory-policy noeviction."
        return bad(AREA, "durability", f"maxmemory-policy is {told['maxmemory-policy']}", advice)
    return good(AREA, "durability", f"appendfsync {told.get('appendfsync')}")
