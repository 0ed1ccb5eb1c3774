"""/health and /stats."""

import asyncio

import asyncpg
from litestar import Response, Router, get
from litestar.di import NamedDependency

from agentops.wire import Health, Stats
from ledger.engine import AWAY
from ledger.http.services import Services
from ledger.tasks import queries

CHECK_TIMEOUT_S = 2.0


@get("/health/live", opt={"public": True})
async def live() -> Health:
    """The process runs."""
    return Health(status="ok", checks={})


@get("/health/ready", opt={"public": True})
async def ready(services: NamedDependency[Services]) -> Response[Health]:
    """The database answers. Redis is told of, but the ledger works without it."""
    database = await _database(services)
    checks = {"database": database, "redis": await services.wake.check()}
    healthy = database == "ok"
    health = Health(status="ok" if healthy else "unavailable", checks=checks)
    return Response(health, status_code=200 if healthy else 503)


async def _database(services: Services) -> str:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await services.db.rows("SELECT 1")
    except (asyncpg.PostgresError, *AWAY) as error:
        return f"unavailable: {type(error).__name__}"
    return "ok"


@get("/stats")
async def stats(services: NamedDependency[Services]) -> Stats:
    """How many tasks stand where."""
    return await queries.stats(services.db)


PROBES = Router("/", route_handlers=[live, ready], tags=["health"])
STATS = Router("/", route_handlers=[stats], tags=["health"])
