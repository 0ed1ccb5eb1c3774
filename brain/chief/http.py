"""`POST /chat`: talk to the chief by one request, for scripts. And the probes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import msgspec
import structlog
from litestar import Litestar, Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter

from agentops import AgentOpsError, KeyVerifier
from agentops.wire import Problem, Scope
from gateway.errors import Busy, InvalidSessionId
from gateway.session.names import Position, session_id
from gateway.session.stream import SessionStream
from gateway.session.turns import Reply, SessionId, Turn, TurnId

MAX_TEXT_CHARS = 100_000
_MAX_BODY_BYTES = 1_000_000
_CHANNEL = "api"
_FROM_THE_BEGINNING = Position("0-0")

log = structlog.get_logger(__name__)


class ChatProblem(Exception):
    """An error of this API, as it goes over the wire."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    message: str
    session_id: str = ""
    """Empty: the owner's session."""


class ChatResponse(msgspec.Struct, frozen=True, kw_only=True):
    response: str
    actions: list["ChatAction"]
    """What the turn changed, as the ledger shows it."""


class ChatAction(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    entity_id: str
    title: str


@dataclass(frozen=True)
class ChatServices:
    """What the handlers need, made by `main`."""

    stream: SessionStream
    keys: KeyVerifier
    default_session: str
    wait_s: float
    ready: Callable[[], Awaitable[dict[str, str]]]
    """Name of each dependency with `ok` or what is wrong."""


Connection = ASGIConnection[BaseRouteHandler, object, object, State]


def create_app(services: ChatServices) -> Litestar:
    """Everything that is served; it opens and closes nothing itself."""
    return Litestar(
        route_handlers=[chat, live, ready],
        dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
        exception_handlers={Exception: _respond},
        state=State({"keys": services.keys}),
        request_max_body_size=_MAX_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
    )


async def admins_only(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard: only a key that may act may talk to somebody who acts."""
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    verifier: KeyVerifier = connection.app.state["keys"]
    await verifier.verify(secret.strip() if scheme.lower() == "bearer" else "", scopes={Scope.ADMIN})


@post("/chat", guards=[admins_only], status_code=200)
async def chat(
    data: ChatRequest,
    services: ChatServices,
    idempotency_key: Annotated[str | None, Parameter(header="Idempotency-Key", max_length=200)] = None,
) -> ChatResponse:
    """Say something and wait for the reply. The same `Idempotency-Key` again gives the same reply."""
    turn = _turn_of(data, services.default_session, idempotency_key)
    try:
        async with asyncio.timeout(services.wait_s):
            appended = await services.stream.append(turn)
            reply = await _reply_to(services.stream, turn.session_id, appended.turn_id)
    except TimeoutError:
        detail = (
            f"No answer within {services.wait_s:.0f} s. The message is kept and will be answered: ask "
            f"again with the same Idempotency-Key ({turn.external_id})."
        )
        raise ChatProblem(504, "reply_pending", detail) from None
    actions = [ChatAction(type=a.type, entity_id=a.entity_id, title=a.title) for a in reply.actions]
    return ChatResponse(response=reply.text, actions=actions)


@get("/health/live")
async def live() -> dict[str, str]:
    """The process runs."""
    return {"status": "ok"}


@get("/health/ready")
async def ready(services: ChatServices) -> Response[dict[str, object]]:
    """Turns can be answered."""
    checks = await services.ready()
    fine = all(state == "ok" for state in checks.values())
    body: dict[str, object] = {"status": "ok" if fine else "unavailable", "checks": checks}
    return Response(body, status_code=200 if fine else 503)


def _turn_of(data: ChatRequest, default_session: str, idempotency_key: str | None) -> Turn:
    text = data.message.replace("\x00", "").strip()
    if not text:
        raise ChatProblem(400, "empty_message", "The message is empty: say what you want.")
    if len(text) > MAX_TEXT_CHARS:
        detail = (
            f"The message has {len(text)} characters; at most {MAX_TEXT_CHARS}. Attach it as a file instead."
        )
        raise ChatProblem(413, "too_large", detail)
    session = session_id(data.session_id or default_session)
    return Turn(
        id=TurnId(f"turn-{uuid4().hex}"),
        session_id=session,
        channel=_CHANNEL,
        address=session,
        external_id=idempotency_key or uuid4().hex,
        text=text,
        received_at=datetime.now(UTC),
    )


async def _reply_to(stream: SessionStream, session: SessionId, turn_id: TurnId) -> Reply:
    """Hear the session from its beginning (which is bounded), since the reply may be there already."""
    async with aclosing(stream.listen(session, after=_FROM_THE_BEGINNING)) as heard:
        async for _, said in heard:
            if isinstance(said, Reply) and said.turn_id == turn_id:
                return said
    raise AssertionError("a listener hears for ever")


def _respond(request: Request[object, object, State], error: Exception) -> Response[Problem]:
    problem = _problem_of(error)
    if problem.status == 500:
        log.error("request.failed", path=request.url.path, exc_info=error)
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    if isinstance(error, Busy):
        headers["Retry-After"] = f"{error.retry_after_s:.0f}"
    return Response(
        msgspec.structs.replace(problem, instance=request.url.path),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=headers,
    )


def _problem_of(error: Exception) -> Problem:
    match error:
        case ChatProblem():
            return Problem(status=error.status, code=error.code, detail=error.detail)
        case Busy():
            return Problem(status=503 if error.everywhere else 429, code="busy", detail=str(error))
        case InvalidSessionId():
            return Problem(status=400, code="validation_failed", detail=str(error))
        case AgentOpsError():
            status = error.status or {"unauthenticated": 401, "forbidden": 403}.get(error.code, 503)
            return Problem(status=status, code=error.code, detail=error.detail)
        case HTTPException():
            return _of_framework(error)
        case _:
            return Problem(
                status=500, code="internal", detail="Something went wrong here; the log says what."
            )


def _of_framework(error: HTTPException) -> Problem:
    codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    detail = error.detail
    if isinstance(error.extra, list):
        detail = "; ".join(str(one.get("message", one)) for one in error.extra) or detail
    if error.status_code == 413:
        detail = (
            f"The message is too large; at most {MAX_TEXT_CHARS} characters. Attach it as a file instead."
        )
    code = codes.get(error.status_code, "internal" if error.status_code >= 500 else "validation_failed")
    return Problem(status=error.status_code, code=code, detail=detail)
