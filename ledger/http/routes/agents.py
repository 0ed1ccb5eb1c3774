"""/agents: the workers."""

from litestar import Response, Router, get, post
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


ROUTER = Router(
    "/agents", route_handlers=[register_agent, list_agents, get_agent, agent_heartbeat], tags=["agents"]
)
