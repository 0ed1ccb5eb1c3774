"""`/login` and `/logout`: by one-time link, by the owner's password, by an OpenID provider."""

import asyncio
from collections.abc import Sequence

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from agentops.errors import AgentOpsError
from agentops.wire import Scope
from ui import passwords, plain, strings
from ui.auth import is_foreign
from ui.entering import Entrance
from ui.errors import OpenIdRefused, OpenIdUnavailable
from ui.openid import VALID_S, Begun, Identity, OpenId
from ui.sessions import COOKIE, Session

log = structlog.get_logger(__name__)

BEGUN = "cos_openid"
"""The cookie of a sign-in that is under way."""
BACK = "/login/openid/back"


class LoginRoutes:
    """`GET /login?token=…` and `POST /logout`."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def routes(self) -> Sequence[Route]:
        """What to mount."""
        return (
            Route("/login", self.login, methods=["GET"]),
            Route("/logout", self.logout, methods=["POST"]),
        )

    async def login(self, request: Request) -> Response:
        """Redeem the token for a key, keep the key here, and hand the browser a cookie."""
        if self._entrance.sessions.find(request.cookies.get(COOKIE)):
            return RedirectResponse("/", 303)
        token = request.query_params.get("token", "")
        if not token or request.method == "HEAD" or "prefetch" in request.headers.get("sec-purpose", ""):
            return self._entrance.asked()
        return self._entrance.too_often(request) or await self._entrance.redeem(request, token)

    async def logout(self, request: Request) -> Response:
        """End the session and revoke its key."""
        session: Session = request.state.session
        entrance = self._entrance
        try:
            ops = await entrance.rights.client(session.id)
            await ops.revoke_key(session.key_id)
        except AgentOpsError as error:
            log.info("key.kept", key=session.key_name, code=error.code)
        entrance.sessions.close(session.id)
        await entrance.rights.close(session.id)
        response = entrance.asked(strings.SIGNED_OUT, status=200)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=entrance.secure_cookies)
        return response


class PasswordRoutes:
    """`POST /login`: the owner's password.

    Args:
        entrance: where who gave it comes in.
        hashed: what it is compared with.
    """

    def __init__(self, entrance: Entrance, hashed: str) -> None:
        self._entrance = entrance
        self._hashed = hashed
        self._one_at_a_time = asyncio.Lock()

    def routes(self) -> Sequence[Route]:
        """What to mount."""
        return (Route("/login", self.login, methods=["POST"]),)

    async def login(self, request: Request) -> Response:
        """Compare, as slowly for a wrong one."""
        if is_foreign(request.scope, request.headers):
            return self._entrance.asked(strings.LOGIN_FOREIGN, status=403)
        if refused := self._entrance.too_often(request):
            return refused
        async with request.form(max_files=0, max_fields=2, max_part_size=4_000) as form:
            password = str(form.get("password", ""))
        async with self._one_at_a_time:
            good = await asyncio.to_thread(passwords.matches, password, self._hashed)
        if not good:
            log.info("login.refused", way="password")
            return self._entrance.asked(strings.PASSWORD_REFUSED)
        return await self._entrance.admit(request, Scope.ADMIN, "password")


class OpenIdRoutes:
    """`GET /login/openid`, which sends people to the provider, and where it sends them back to.

    Args:
        entrance: where who may come in does.
        openid: the provider.
        owners: verified mail addresses and subjects with the owner's right.
        readers: those that may look.
    """

    def __init__(
        self, entrance: Entrance, openid: OpenId, *, owners: frozenset[str], readers: frozenset[str]
    ) -> None:
        self._entrance = entrance
        self._openid = openid
        self._owners = owners
        self._readers = readers

    def routes(self) -> Sequence[Route]:
        """What to mount."""
        return (
            Route("/login/openid", self.begin, methods=["GET"]),
            Route(BACK, self.finish, methods=["GET"]),
        )

    async def begin(self, request: Request) -> Response:
        """To the provider, with what must come back from it kept in the browser."""
        if refused := self._entrance.too_often(request):
            return refused
        try:
            url, begun = await self._openid.begin()
        except OpenIdUnavailable as error:
            return self._unavailable(error)
        response = RedirectResponse(url, 303, headers={"Cache-Control": "no-store"})
        kept = msgspec.json.encode(begun).hex()
        response.set_cookie(
            BEGUN,
            self._entrance.sessions.signed(kept),
            max_age=VALID_S,
            path="/login",
            httponly=True,
            samesite="lax",
            secure=self._entrance.secure_cookies,
        )
        return response

    async def finish(self, request: Request) -> Response:
        """Back from the provider: let in who is on the list."""
        response = await self._finish(request)
        response.delete_cookie(
            BEGUN, path="/login", httponly=True, samesite="lax", secure=self._entrance.secure_cookies
        )
        return response

    async def _finish(self, request: Request) -> Response:
        try:
            who = await self._who(request)
        except OpenIdRefused as refused:
            log.info("login.refused", way="openid", reason=str(refused))
            return self._entrance.asked(strings.OPENID_WRONG)
        except OpenIdUnavailable as error:
            return self._unavailable(error)
        scope = self._scope(who)
        if scope is None:
            log.info("login.refused", way="openid", reason="not on the list")
            return self._entrance.asked(strings.OPENID_STRANGER, strings.OPENID_STRANGER_WHY, 403)
        return await self._entrance.admit(request, scope, "openid")

    async def _who(self, request: Request) -> Identity:
        kept = self._entrance.sessions.unsigned(request.cookies.get(BEGUN))
        if not kept:
            raise OpenIdRefused("not begun in this browser")
        query = request.query_params
        if "error" in query:
            raise OpenIdRefused("the provider refused")
        begun = msgspec.json.decode(bytes.fromhex(kept), type=Begun)
        return await self._openid.finish(begun, state=query.get("state", ""), code=query.get("code", ""))

    def _scope(self, who: Identity) -> Scope | None:
        if who.names & self._owners:
            return Scope.ADMIN
        return Scope.READER if who.names & self._readers else None

    def _unavailable(self, error: OpenIdUnavailable) -> Response:
        log.warning("openid.unavailable", issuer=self._openid.issuer, reason=str(error))
        return plain.page(strings.LOGIN_TITLE, f"<p>{strings.OPENID_UNAVAILABLE}</p>", 503)


def listed(names: str) -> frozenset[str]:
    """The names of a setting: mail addresses in small letters, subjects as they are."""
    one_by_one = (name.strip() for name in names.split(","))
    return frozenset(name.casefold() if "@" in name else name for name in one_by_one if name)
