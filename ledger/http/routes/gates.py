"""/gates: what waits for the person."""

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from agentops.wire import Gate, GateAnswer, GateStatus, Page
from ledger.caller import Caller
from ledger.errors import GateNotFound
from ledger.http.idempotency import command
from ledger.http.query import Limit, SomeText, one_uuid
from ledger.http.services import HttpRequest, Services
from ledger.ids import known
from ledger.tasks import commands, queries


def _id(gate_id: str) -> str:
    return known(gate_id, GateNotFound, "gate")


@get("/")
async def list_gates(
    services: NamedDependency[Services],
    status: FromQuery[GateStatus | None] = None,
    task_id: SomeText = None,
    limit: Limit = 200,
) -> Page[Gate]:
    """Gates, oldest first."""
    gates = await queries.list_gates(
        services.db,
        status=None if status is None else str(status),
        task_id=one_uuid(task_id, "task_id"),
        limit=limit,
    )
    return Page(items=gates)


@get("/{gate_id:str}")
async def get_gate(services: NamedDependency[Services], gate_id: FromPath[str]) -> Gate:
    """One gate."""
    return await queries.get_gate(services.db, _id(gate_id))


@post("/{gate_id:str}/answer", status_code=200)
async def answer_gate(
    request: HttpRequest,
    data: JSONBody[GateAnswer],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    gate_id: FromPath[str],
) -> Response[Gate]:
    """Answer a gate, once; its task goes on."""
    return await command(request, services, caller, lambda: commands.answer_gate(caller, _id(gate_id), data))


ROUTER = Router("/gates", route_handlers=[list_gates, get_gate, answer_gate], tags=["gates"])
