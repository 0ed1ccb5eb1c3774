"""Who may see the panel: the one-time link, the session cookie, and the guard in front of everything else."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError, Forbidden, LoginInvalid, Unauthenticated, ValidationFailed
from agentops.keys import KeyVerifier
from ui import plain, strings
from ui.limits import AttemptLimit
from ui.rights import Rights
from ui.sessions import COOKIE, Session, SessionStore

log = structlog.get_logger(__name__)

_OPEN = ("/login", "/health/", "/static/", "/favicon.ico")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_COOKIE_DAYS = 30


class Guard:
    """ASGI middleware: lets in who has a living session, and puts it into the request's state.

    A key that was revoked ends the session: the ledger is asked about it, at most every 30 s. While the
    ledger does not answer, a session holds; nothing can be read or changed then anyway.
    """

    def __init__(self, app: ASGIApp, *, sessions: SessionStore, verifier: KeyVerifier) -> None:
        self._app = app
        self._sessions = sessions
        self._verifier = verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or scope["path"].startswith(_OPEN):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        session = await self._session(connection)
        if session is None or _is_foreign(scope, connection.headers):
            await self._refuse(session, scope, receive, send)
            return
        scope.setdefault("state", {})["session"] = session
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
            response = plain.sign_in(strings.LOGIN_NEEDED)
        else:
            response = _problem(401, "unauthenticated", strings.LOGIN_NEEDED)
        await response(scope, receive, send)


class LoginRoutes:
    """`GET /login?token=…` and `POST /logout`."""

    def __init__(
        self,
        *,
        ledger: AgentOpsClient,
        sessions: SessionStore,
        rights: Rights,
        secure_cookies: bool,
        limit: AttemptLimit,
    ) -> None:
        self._ledger = ledger
        self._sessions = sessions
        self._rights = rights
        self._secure = secure_cookies
        self._limit = limit

    def routes(self) -> Sequence[Route]:
        """What to mount."""
        return (
            Route("/login", self.login, methods=["GET"]),
            Route("/logout", self.logout, methods=["POST"]),
        )

    async def login(self, request: Request) -> Response:
        """Redeem the token for a key, keep the key here, and hand the browser a cookie."""
        if self._sessions.find(request.cookies.get(COOKIE)):
            return RedirectResponse("/", 303)
        token = request.query_params.get("token", "")
        if not token or request.method == "HEAD" or "prefetch" in request.headers.get("sec-purpose", ""):
            return plain.sign_in(strings.LOGIN_NEEDED)
        caller = request.client.host if request.client else ""
        wait_s = self._limit.wait_s(caller)
        if wait_s:
            refused = plain.sign_in(strings.LOGIN_TITLE, strings.LOGIN_TOO_OFTEN, 429)
            refused.headers["Retry-After"] = str(int(wait_s) + 1)
            return refused
        return await self._redeem(token, caller)

    async def logout(self, request: Request) -> Response:
        """End the session and revoke its key."""
        session: Session = request.state.session
        try:
            ops = await self._rights.client(session.id)
            await ops.revoke_key(session.key_id)
        except AgentOpsError as error:
            log.info("key.kept", key=session.key_name, code=error.code)
        self._sessions.close(session.id)
        await self._rights.close(session.id)
        response = plain.sign_in(strings.SIGNED_OUT, status=200)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=self._secure)
        return response

    async def _redeem(self, token: str, caller: str) -> Response:
        try:
            key = await self._ledger.redeem_login(token)
        except (LoginInvalid, ValidationFailed):
            log.info("login.refused")
            return plain.sign_in(strings.LOGIN_WRONG, strings.LOGIN_WRONG_WHY)
        except AgentOpsError as error:
            log.warning("login.unavailable", code=error.code)
            return plain.page(strings.LOGIN_TITLE, f"<p>{strings.LOGIN_UNAVAILABLE}</p>", 503)
        self._limit.forgive(caller)
        session, cookie = self._sessions.open(key)
        log.info("login.accepted", key=session.key_name)
        response = RedirectResponse("/", 303, headers={"Cache-Control": "no-store"})
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=_COOKIE_DAYS * 86_400,
            httponly=True,
            # Strict would drop the cookie when the link is opened from a chat on another site.
            samesite="lax",
            secure=self._secure,
        )
        return response


def _is_foreign(scope: Scope, headers: Headers) -> bool:
    """Whether another site's page sent this: a write or a WebSocket with a foreign Origin."""
    if scope["type"] == "http" and scope["method"] in _SAFE_METHODS:
        return False
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def _problem(status: int, code: str, detail: str) -> JSONResponse:
    body = {"title": code, "status": status, "code": code, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")
