"""OpenID Connect as a relying party: the code flow with PKCE, and what makes an identity token good.

Nothing here knows of pages or of the ledger. Specification: OpenID Connect Core 1.0, section 3.1.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from ui.errors import OpenIdRefused, OpenIdUnavailable

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures only: a token that is signed with a shared secret, or not at all, is refused."""
TIMEOUT_S = 10.0
FRESH_S = 3600.0
LEEWAY_S = 30
BASIC = "client_secret_basic"
VALID_S = 600
Kind = TypeVar("Kind")


class Begun(msgspec.Struct, frozen=True):
    """One sign-in under way; the browser keeps it, signed by us, until it comes back."""

    state: str
    nonce: str
    verifier: str
    until: int
    """Seconds since 1970."""


class Identity(msgspec.Struct, frozen=True):
    """Who the provider says it is."""

    sub: str
    email: str = ""
    email_verified: bool = False

    @property
    def names(self) -> frozenset[str]:
        """What may be written into the list of who may come in."""
        return frozenset({self.sub, *([self.email.casefold()] if self.email and self.email_verified else ())})


class _Provider(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = (BASIC,)


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str


class OpenId:
    """One provider.

    Args:
        issuer: its address; what it says of itself is asked for when first needed, and again each hour.
        client_id: what it calls this panel.
        client_secret: may be empty.
        redirect_uri: where it sends people back to.
        http: reaches it.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        issuer: str,
        *,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        http: httpx.AsyncClient,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._http = http
        self._clock = clock
        self._known: tuple[float, _Provider, KeySet] | None = None

    async def begin(self) -> tuple[str, Begun]:
        """The provider's address to send the person to, and what to keep until it comes back.

        Raises:
            OpenIdUnavailable: the provider does not answer as one.
        """
        provider, _ = await self._provider()
        begun = Begun(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            until=int(self._clock()) + VALID_S,
        )
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid email",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": _challenge(begun.verifier),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in provider.authorization_endpoint else "?"
        return f"{provider.authorization_endpoint}{joint}{urlencode(asked)}", begun

    async def finish(self, begun: Begun, *, state: str, code: str) -> Identity:
        """Who came back.

        Raises:
            OpenIdRefused: it was not begun here, took too long, or the provider's answer does not hold.
            OpenIdUnavailable: the provider does not answer as one.
        """
        if not secrets.compare_digest(begun.state.encode(), state.encode()) or begun.until < self._clock():
            raise OpenIdRefused("begun elsewhere, or too long ago")
        provider, keys = await self._provider()
        tokens = await self._exchange(provider, begun, code)
        try:
            return self._identity(provider, keys, tokens.id_token, begun.nonce)
        except JoseError:  # its keys may have changed since
            provider, keys = await self._provider(anew=True)
        try:
            return self._identity(provider, keys, tokens.id_token, begun.nonce)
        except (JoseError, ValueError) as error:
            raise OpenIdRefused(f"the identity token does not hold: {type(error).__name__}") from error

    async def _exchange(self, provider: _Provider, begun: Begun, code: str) -> _Tokens:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "client_id": self._client_id,
            "code_verifier": begun.verifier,
        }
        auth: tuple[str, str] | None = None
        if self._client_secret and BASIC in provider.token_endpoint_auth_methods_supported:
            auth = (quote(self._client_id, safe=""), quote(self._client_secret, safe=""))
        elif self._client_secret:
            form["client_secret"] = self._client_secret
        answer = await self._asked("POST", provider.token_endpoint, form, auth)
        if answer.is_client_error:
            raise OpenIdRefused("the provider does not take its own code back")
        return _read(answer, _Tokens)

    def _identity(self, provider: _Provider, keys: KeySet, token: str, nonce: str) -> Identity:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            now=int(self._clock()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
        return msgspec.convert(claims, Identity)

    async def _provider(self, *, anew: bool = False) -> tuple[_Provider, KeySet]:
        if self._known and not anew and self._known[0] > self._clock():
            return self._known[1:]
        place = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        provider = _read(await self._asked("GET", place), _Provider)
        if provider.issuer.rstrip("/") != self.issuer.rstrip("/"):
            raise OpenIdUnavailable("the provider calls itself otherwise than UI_OIDC_ISSUER")
        answer = await self._asked("GET", provider.jwks_uri)
        try:
            keys = KeySet.import_key_set(answer.json())
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise OpenIdUnavailable("the provider's keys cannot be read") from error
        self._known = (self._clock() + FRESH_S, provider, keys)
        return provider, keys

    async def _asked(
        self,
        method: str,
        url: str,
        form: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> httpx.Response:
        try:
            answer = await self._http.request(method, url, data=form, auth=auth, timeout=TIMEOUT_S)
        except httpx.HTTPError as error:
            raise OpenIdUnavailable(f"the provider does not answer: {type(error).__name__}") from error
        if answer.is_server_error or (method == "GET" and not answer.is_success):
            raise OpenIdUnavailable(f"the provider answers {answer.status_code}")
        return answer


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _read(answer: httpx.Response, kind: type[Kind]) -> Kind:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.MsgspecError as error:
        raise OpenIdUnavailable("the provider's answer cannot be read") from error
