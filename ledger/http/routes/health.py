"""/health and /stats."""

import asyncio
from typing import Annotated

import asyncpg
import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from agentops.wire import Health, Stats, TimeZone
from ledger.engine import AWAY
from ledger.http.services import Services
from ledger.tasks import queries
from ledger.tasks.history import history

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
async def stats(
    services: NamedDependency[Services],
    days: Annotated[int, QueryParameter(ge=0, le=366)] = 0,
    time_zone: FromQuery[TimeZone] = "UTC",
) -> Stats:
    """How many tasks stand where; with `days`, how they came and went in the last days, and how fast."""
    present = await queries.stats(services.db)
    if days == 0:
        return present
    past = await history(services.db, days, time_zone)
    return msgspec.structs.replace(present, days=past.days, work=past.work, wait=past.wait)


PROBES = Router("/", route_handlers=[live, ready], tags=["health"])
STATS = Router("/", route_handlers=[stats], tags=["health"])
