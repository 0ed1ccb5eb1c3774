"""/agents: the workers."""

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from agentops.wire import Agent, AgentHeartbeat, AgentHeartbeatResult, NewAgent, Page
from ledger.agents import registry
from ledger.caller import Caller
from ledger.http.idempotency import answer
from ledger.http.services import HttpRequest, Services


@post("/")
async def register_agent(
    request: HttpRequest,
    data: JSONBody[NewAgent],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Agent]:
    """Make a worker known, or what is known of it current."""
    return await answer(request, services, caller, lambda: registry.register(caller, data), status=201)


@get("/")
async def list_agents(services: NamedDependency[Services]) -> Page[Agent]:
    """Every worker, by name."""
    return Page(items=await registry.list_agents(services.db))


@get("/{name:str}")
async def get_agent(services: NamedDependency[Services], name: FromPath[str]) -> Agent:
    """One worker."""
    return await registry.get_agent(services.db, name)


@post("/{name:str}/heartbeat", status_code=200)
async def agent_heartbeat(
    request: HttpRequest,
    data: JSONBody[AgentHeartbeat],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    name: FromPath[str],
) -> Response[AgentHeartbeatResult]:
    """Renew all of a worker's leases at once."""
    return await answer(request, services, caller, lambda: registry.heartbeat(caller, name, data))


@delete("/{name:str}")
async def remove_agent(
    caller: NamedDependency[Caller], services: NamedDependency[Services], name: FromPath[str]
) -> None:
    """Forget a worker, and end the keys of a specialist; any other that is still there registers again."""
    await registry.remove(caller, name)
    services.keyring.forget()
    services.wake.announce(caller.announced)


ROUTER = Router(
    "/agents",
    route_handlers=[register_agent, list_agents, get_agent, agent_heartbeat, remove_agent],
    tags=["agents"],
)
