"""/sessions: the record of what was said."""

from typing import Annotated

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from agentops.wire import NewTurn, Page, Session, TurnRecord
from ledger.caller import Caller
from ledger.conversations import turns
from ledger.errors import ValidationFailed
from ledger.http.idempotency import answer
from ledger.http.query import Limit, Seq
from ledger.http.services import HttpRequest, Services

SessionId = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$", max_length=100)]


@get("/")
async def list_sessions(services: NamedDependency[Services]) -> Page[Session]:
    """Every session, the latest spoken in first."""
    return Page(items=await turns.list_sessions(services.db))


@post("/{session_id:str}/turns")
async def record_turn(
    request: HttpRequest,
    data: JSONBody[NewTurn],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    session_id: SessionId,
) -> Response[TurnRecord]:
    """Write a turn down; the same `id` again changes nothing."""
    return await answer(request, services, caller, lambda: turns.record(caller, session_id, data), status=201)


@get("/{session_id:str}/turns")
async def list_turns(
    services: NamedDependency[Services],
    session_id: SessionId,
    after: Seq = None,
    before: Seq = None,
    limit: Limit = 100,
) -> Page[TurnRecord]:
    """A session's turns, oldest first; without `after`, the last ones."""
    if after is not None and before is not None and after >= before:
        raise ValidationFailed("after: must be smaller than before")
    return await turns.list_turns(services.db, session_id, after=after, before=before, limit=limit)


ROUTER = Router("/sessions", route_handlers=[list_sessions, record_turn, list_turns], tags=["sessions"])
