"""/events: the log, in pages and live."""

import asyncio
from typing import Annotated

import asyncpg
import msgspec
from litestar import Router, get, websocket
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect
from litestar.params import QueryParameter

from agentops.wire import Events, Problem
from ledger.engine import AWAY
from ledger.errors import CursorExpired
from ledger.events.feed import Lagged
from ledger.events.horizon import still_kept
from ledger.events.log import Cursor, EventFilter, cursor_of, now, read, types_of
from ledger.http.auth import caller_of
from ledger.http.problems import problem_of
from ledger.http.query import SomeText, one_uuid
from ledger.http.services import Services, Socket, services_of

TRY_AGAIN_LATER = 1013
CURSOR_EXPIRED = 4410
"""4000 and the status: how a refusal looks once the connection is open."""


@get("/")
async def list_events(
    services: NamedDependency[Services],
    after: SomeText = None,
    types: SomeText = None,
    project: SomeText = None,
    task_id: SomeText = None,
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 500,
) -> Events:
    """Events behind `after`: a cursor, or 0 for the oldest that is kept. Without it, only where "now" is.

    A cursor that is older than what is kept is refused with 410 `cursor_expired`: nothing is skipped
    without a word.
    """
    wanted = EventFilter(types_of(types), one_uuid(project, "project"), one_uuid(task_id, "task_id"))
    if after is None:
        return Events(events=[], cursor=str(await now(services.db)))
    cursor = cursor_of(after)
    events = await read(services.db, cursor, wanted, limit)
    await still_kept(services.db, cursor)
    return events


@websocket("/stream", opt={"public": True})  # checked below: a refusal has to be an HTTP answer
async def stream_events(socket: Socket) -> None:
    """Events as they come, in frames that are JSON arrays. The query is that of `GET /events`."""
    try:
        await caller_of(socket)
        wanted, after = _wish(socket)
        if after is None:
            # Fixed before the client is let in: what it does from then on, it will hear of.
            after = await now(services_of(socket).db)
        if after is not None:
            await still_kept(services_of(socket).db, after)
    except Exception as error:
        await _refuse(socket, problem_of(error))
        return
    await socket.accept()
    services = services_of(socket)
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(_send(socket, services, wanted, after))
        await _until_gone(socket)
        sending.cancel()


def _wish(socket: Socket) -> tuple[EventFilter, Cursor | None]:
    query = socket.query_params
    after = query.get("after")
    wanted = EventFilter(
        types_of(query.get("types")),
        one_uuid(query.get("project"), "project"),
        one_uuid(query.get("task_id"), "task_id"),
    )
    return wanted, None if after is None else cursor_of(after)


async def _send(socket: Socket, services: Services, wanted: EventFilter, after: Cursor) -> None:
    try:
        async for frame in services.feed.listen(wanted, after):
            await socket.send_text(b"[" + b",".join(frame) + b"]")
    except Lagged:
        await socket.send_text(b'{"lagged":true}')
        await socket.close(code=TRY_AGAIN_LATER, reason="too slow; replay from your last cursor")
    except CursorExpired as error:
        await socket.close(code=CURSOR_EXPIRED, reason=error.title)
    except (asyncpg.PostgresError, *AWAY):
        await socket.close(code=TRY_AGAIN_LATER, reason="the database is away; replay from your last cursor")
    except WebSocketDisconnect:
        return


async def _until_gone(socket: Socket) -> None:
    """Clients have nothing to say here; reading is how their leaving is noticed."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return


async def _refuse(socket: Socket, problem: Problem) -> None:
    """The refusal as the handshake's HTTP response, with the problem as its body."""
    headers = [(b"content-type", b"application/problem+json")]
    start = {"type": "websocket.http.response.start", "status": problem.status, "headers": headers}
    body = {"type": "websocket.http.response.body", "body": msgspec.json.encode(problem)}
    for message in (start, body):
        await socket.send(message)  # type: ignore[arg-type]


ROUTER = Router("/events", route_handlers=[list_events, stream_events], tags=["events"])
