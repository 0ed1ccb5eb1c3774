"""/system: the switch that stops everything."""

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from agentops.wire import Pause, Resume, System
from ledger.caller import Caller
from ledger.http.idempotency import answer
from ledger.http.services import HttpRequest, Services
from ledger.system import pause as switch


@get("/")
async def get_system(services: NamedDependency[Services]) -> System:
    """Whether everything is paused."""
    return await switch.state(services.db)


@post("/pause", status_code=200)
async def pause(
    request: HttpRequest,
    data: JSONBody[Pause],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[System]:
    """Stop everything: nothing is claimed and no schedule runs; workers hear of it by heartbeat."""
    return await answer(request, services, caller, lambda: switch.pause(caller, data))


@post("/resume", status_code=200)
async def resume(
    request: HttpRequest,
    data: JSONBody[Resume],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[System]:
    """Let everything go on."""
    return await answer(request, services, caller, lambda: switch.resume(caller, data))


ROUTER = Router("/system", route_handlers=[get_system, pause, resume], tags=["system"])
