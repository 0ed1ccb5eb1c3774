"""Opening a session: with a key that a one-time login bought, or for who showed otherwise who they are."""

import asyncio
from dataclasses import dataclass, field

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError, LoginInvalid, ValidationFailed
from agentops.wire import MintedKey, NewLogin, Scope
from ui import plain, strings
from ui.auth import set_cookie
from ui.limits import AttemptLimit
from ui.plain import LINKS_ALONE, Ways
from ui.rights import Rights
from ui.sessions import COOKIE, SessionStore

log = structlog.get_logger(__name__)

LOGIN_VALID_S = 60


@dataclass(frozen=True)
class Entrance:
    """Where everybody comes in.

    Attributes:
        ledger: without any key; turns logins into keys.
        issuer: the ledger with the right to make logins; None when there are links alone.
    """

    ledger: AgentOpsClient
    sessions: SessionStore
    rights: Rights
    secure_cookies: bool
    issuer: AgentOpsClient | None = None
    ways: Ways = LINKS_ALONE
    limit: AttemptLimit = field(default_factory=AttemptLimit)
    """For each address."""
    overall: AttemptLimit = field(default_factory=lambda: AttemptLimit(60, 60.0))
    """For all addresses together: guessing from many is guessing too."""

    def too_often(self, request: Request) -> Response | None:
        """Count one attempt; the refusal when there were too many."""
        wait_s = max(self.limit.wait_s(_caller(request)), self.overall.wait_s(""))
        if not wait_s:
            return None
        refused = self.asked(strings.LOGIN_TITLE, strings.LOGIN_TOO_OFTEN, 429)
        refused.headers["Retry-After"] = str(int(wait_s) + 1)
        return refused

    def asked(self, title: str = "", why: str = "", status: int = 401) -> Response:
        """The sign-in page."""
        return plain.sign_in(title, why, status, ways=self.ways)

    async def redeem(self, request: Request, token: str) -> Response:
        """Let in who brings a one-time login."""
        try:
            key = await self.ledger.redeem_login(token)
        except (LoginInvalid, ValidationFailed):
            log.info("login.refused")
            return self.asked(strings.LOGIN_WRONG, strings.LOGIN_WRONG_WHY)
        except AgentOpsError as error:
            return _unavailable(error)
        return await self._enter(request, key, "link")

    async def admit(self, request: Request, scope: Scope, way: str) -> Response:
        """Let in who has shown who they are, with a key of their own."""
        if self.issuer is None:
            raise RuntimeError("nothing but one-time links was set up")
        try:
            async with asyncio.timeout(10):
                login = await self.issuer.create_login(NewLogin(scope=scope, expires_in_s=LOGIN_VALID_S))
                key = await self.ledger.redeem_login(login.token)
        except (AgentOpsError, TimeoutError) as error:
            return _unavailable(error)
        return await self._enter(request, key, way)

    async def _enter(self, request: Request, key: MintedKey, way: str) -> Response:
        """A session with a new id, whatever the browser had before."""
        self.limit.forgive(_caller(request))
        self.overall.forgive("")
        if former := self.sessions.find(request.cookies.get(COOKIE)):
            self.sessions.close(former.id)
            await self.rights.close(former.id)
        _, cookie = self.sessions.open(key)
        log.info("login.accepted", key=key.name, way=way)
        response = RedirectResponse("/", 303, headers={"Cache-Control": "no-store"})
        set_cookie(response, cookie, secure=self.secure_cookies)
        return response


def _caller(request: Request) -> str:
    return request.client.host if request.client else ""


def _unavailable(error: Exception) -> Response:
    log.warning("login.unavailable", reason=type(error).__name__)
    return plain.page(strings.LOGIN_TITLE, f"<p>{strings.LOGIN_UNAVAILABLE}</p>", 503)
