"""/sessions and /turns: the record of what was said."""

from typing import Annotated

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from agentops.wire import FoundTurn, NewTurn, Page, Session, TurnRecord
from ledger.caller import Caller
from ledger.conversations import search, turns
from ledger.errors import ValidationFailed
from ledger.http.idempotency import answer
from ledger.http.query import Limit, Seq, SomeText
from ledger.http.services import HttpRequest, Services

SessionId = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$", max_length=100)]


@get("/")
async def list_sessions(
    services: NamedDependency[Services], limit: Limit = 200, cursor: SomeText = None
) -> Page[Session]:
    """Sessions, the latest spoken in first."""
    return await turns.list_sessions(services.db, limit=limit, cursor=cursor)


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


@delete("/{session_id:str}")
async def forget_session(
    caller: NamedDependency[Caller], services: NamedDependency[Services], session_id: SessionId
) -> None:
    """Remove all that was said in a session; forgetting one that is not there changes nothing."""
    await turns.forget(caller, session_id)
    services.wake.announce(caller.announced)


@get("/search")
async def search_turns(
    services: NamedDependency[Services],
    q: Annotated[str, QueryParameter(min_length=1, max_length=500, pattern=r"^[^\x00]*$")],
    session: SomeText = None,
    before: Seq = None,
    limit: Limit = 50,
) -> Page[FoundTurn]:
    """Turns in which words occur, newest first: words, `"a phrase"`, `or`, `-without`.

    The last word may be the beginning of one. `next` is the `before` of the next page.
    """
    query = search.TurnQuery(q=q, session_id=session, before=before, limit=limit)
    return await search.find_turns(services.db, query)


TURNS = Router("/turns", route_handlers=[search_turns], tags=["sessions"])
ROUTER = Router(
    "/sessions", route_handlers=[list_sessions, record_turn, list_turns, forget_session], tags=["sessions"]
)
