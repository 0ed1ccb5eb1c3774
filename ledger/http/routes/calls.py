"""/calls: when somebody talked, by telephone or in the browser."""

from typing import Annotated

from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from agentops.wire import CallNoted, EndCall, NewCall
from ledger.caller import Caller
from ledger.conversations import calls
from ledger.http.idempotency import answer
from ledger.http.services import HttpRequest, Services

CallId = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$", max_length=100)]


@post("/")
async def start_call(
    request: HttpRequest,
    data: JSONBody[NewCall],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[CallNoted]:
    """Tell that a call began: `call.started`."""
    return await answer(request, services, caller, lambda: calls.began(caller, data), status=201)


@post("/{call_id:str}/end", status_code=200)
async def end_call(
    request: HttpRequest,
    data: JSONBody[EndCall],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    call_id: CallId,
) -> Response[CallNoted]:
    """Tell how a call ended: `call.ended`."""
    return await answer(request, services, caller, lambda: calls.ended(caller, call_id, data))


ROUTER = Router("/calls", route_handlers=[start_call, end_call], tags=["calls"])
