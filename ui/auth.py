"""Who may see the panel: the guard in front of everything, and the session's cookie."""

from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentops.errors import AgentOpsError, Forbidden, Unauthenticated
from agentops.keys import KeyVerifier
from ui import plain, strings
from ui.sessions import COOKIE, LIFETIME, Session, SessionStore

log = structlog.get_logger(__name__)

_OPEN = ("/login", "/health/", "/metrics", "/static/", "/favicon.ico")
"""Without a session; `/metrics` asks for a key itself."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """ASGI middleware: lets in who has a living session, and puts it into the request's state.

    A key that was revoked ends the session: the ledger is asked about it, at most every 30 s. While the
    ledger does not answer, a session holds; nothing can be read or changed then anyway.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        sessions: SessionStore,
        verifier: KeyVerifier,
        secure_cookies: bool,
        ways: plain.Ways,
    ) -> None:
        self._app = app
        self._sessions = sessions
        self._verifier = verifier
        self._secure = secure_cookies
        self._ways = ways

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or scope["path"].startswith(_OPEN):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        session = await self._session(connection)
        if session is None or is_foreign(scope, connection.headers):
            await self._refuse(session, scope, receive, send)
            return
        scope.setdefault("state", {})["session"] = session
        if _is_visit(scope, connection.headers) and (cookie := self._sessions.renewed(session)):
            send = _with_cookie(send, cookie, secure=self._secure)
        await self._app(scope, receive, send)

    async def _session(self, connection: HTTPConnection) -> Session | None:
        session = self._sessions.find(connection.cookies.get(COOKIE))
        if session is None:
            return None
        try:
            await self._verifier.verify(session.secret)
        except (Unauthenticated, Forbidden):
            log.info("session.revoked", key=session.key_name)
            self._sessions.close(session.id)
            return None
        except AgentOpsError:
            return session
        return session

    async def _refuse(self, session: Session | None, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        response: Response
        if session is not None:
            response = _problem(403, "forbidden", "This request came from another site")
        elif "text/html" in Headers(scope=scope).get("accept", ""):
            response = plain.sign_in(ways=self._ways)
        else:
            response = _problem(401, "unauthenticated", strings.LOGIN_NEEDED)
        await response(scope, receive, send)


def set_cookie(response: Response, cookie: str, *, secure: bool) -> None:
    """Give the browser its session."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        # Strict would drop the cookie when the link is opened from a chat on another site.
        samesite="lax",
        secure=secure,
    )


def _with_cookie(send: Send, cookie: str, *, secure: bool) -> Send:
    """The answer goes out with a new cookie."""
    carrier = Response()
    set_cookie(carrier, cookie, secure=secure)

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("set-cookie", carrier.headers["set-cookie"])
        await send(message)

    return sending


def _is_visit(scope: Scope, headers: Headers) -> bool:
    """Whether a person opens a page: only then is the browser sure to keep what it is given."""
    return scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", "")


def is_foreign(scope: Scope, headers: Headers) -> bool:
    """Whether another site's page sent this: a write or a WebSocket with a foreign Origin."""
    if scope["type"] == "http" and scope["method"] in _SAFE_METHODS:
        return False
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def _problem(status: int, code: str, detail: str) -> JSONResponse:
    body = {"title": code, "status": status, "code": code, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")
