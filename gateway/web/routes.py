"""The routes: say something, hear everything, health."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import msgspec
import structlog
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from agentops.wire import Health
from gateway.session.names import position, session_id
from gateway.session.turns import Attachment, Lane, Turn, TurnId
from gateway.web.auth import HEAR, SPEAK, authenticated
from gateway.web.events import frames
from gateway.web.messages import Message, read_message
from gateway.web.services import HttpRequest, Services

STORE_PATIENCE_S = 15.0
_UPLOADS = UUID("4b0c6f57-6f0e-5a53-9c39-0d7c2d0c8e11")
"""The namespace of the uploads' idempotency keys."""
CONTROL = frozenset({"/status", "/stop", "/approve"})
"""Commands that must not wait behind a running turn."""
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)

log = structlog.get_logger(__name__)


class Taken(msgspec.Struct, frozen=True):
    """The message is durable; its answer comes by the event stream."""

    turn_id: str
    duplicate: bool


@post("/sessions/{sid:str}/turns", status_code=202, request_max_body_size=None, opt={"scopes": SPEAK})
async def take_turn(
    request: HttpRequest,
    sid: FromPath[str],
    services: NamedDependency[Services],
    folder: NamedDependency[Path],
) -> Taken:
    """Say something: JSON `{"text", "external_id"?}`, or a form with `text`, `external_id` and `files`."""
    session = session_id(sid)
    message = await read_message(request, folder, max_upload_bytes=services.max_upload_bytes)
    external_id = f"{session}:{message.external_id or uuid4().hex}"
    turn = Turn(
        id=TurnId(uuid4().hex),
        session_id=session,
        channel="web",
        address=session,
        external_id=external_id,
        text=message.text,
        lane=_lane_of(message.text),
        attachments=await _stored(services, message, external_id),
        received_at=datetime.now(UTC),
        traceparent=_traceparent(request),
    )
    async with asyncio.timeout(STORE_PATIENCE_S):
        appended = await services.stream.append(turn)
    log.info("turn.taken", turn_id=appended.turn_id, session_id=session, duplicate=appended.duplicate)
    return Taken(turn_id=appended.turn_id, duplicate=appended.duplicate)


@get("/sessions/{sid:str}/stream", opt={"scopes": HEAR})
async def hear(request: HttpRequest, sid: FromPath[str], services: NamedDependency[Services]) -> Stream:
    """Server-sent events: turn, chunk, interrupted, reply, notice.

    `Last-Event-ID` resumes behind a durable one.
    """
    session = session_id(sid)
    last = request.headers.get("last-event-id")
    async with asyncio.timeout(STORE_PATIENCE_S):
        after = position(last) if last else await services.stream.end(session)
    return Stream(
        frames(services.stream, session, after=after, ping_s=services.ping_s, closing=services.closing),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


@get("/health/live", opt={"scopes": None})
async def live() -> Health:
    """This process answers."""
    return Health(status="ok", checks={})


@get("/health/ready", opt={"scopes": None})
async def ready(services: NamedDependency[Services]) -> Response[Health]:
    """It can work: Redis and the ledger answer."""
    health = await services.readiness.check()
    return Response(health, status_code=200 if health.status == "ok" else 503)


async def _stored(services: Services, message: Message, external_id: str) -> tuple[Attachment, ...]:
    """Put the files into the ledger; the same message sent again finds them there."""
    stored = []
    for number, file in enumerate(message.files):
        artifact = await services.ops.upload(
            file.name,
            file.path,
            media_type=file.media_type,
            idempotency_key=uuid5(_UPLOADS, f"{external_id}:{number}").hex,
        )
        stored.append(
            Attachment(
                artifact_id=artifact.id,
                name=artifact.name,
                media_type=artifact.media_type,
                size_bytes=artifact.size_bytes,
            )
        )
    return tuple(stored)


def _lane_of(text: str) -> Lane:
    words = text.split(maxsplit=1)
    return Lane.CONTROL if words and words[0].lower() in CONTROL else Lane.TALK


def _traceparent(request: HttpRequest) -> str | None:
    given = request.headers.get("traceparent", "")
    return given if _TRACEPARENT.fullmatch(given) else None


CONVERSATION = Router("/api/v1", route_handlers=[take_turn, hear], guards=[authenticated])
PROBES = Router("/", route_handlers=[live, ready])
