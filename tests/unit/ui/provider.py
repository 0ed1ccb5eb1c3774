"""An OpenID provider as the specification has it: code flow with PKCE, signed identity tokens."""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

ISSUER = "https://id.example"
CLIENT = "panel"
SECRET = "s%cret"

Change = Callable[[dict[str, Any]], object]


class Provider:
    """Lets everybody in as `who`. What is set to `change` spoils the claims before they are signed."""

    def __init__(self) -> None:
        self.who: dict[str, Any] = {"sub": "42", "email": "Owner@Example.com", "email_verified": True}
        self.change: Change = lambda claims: None
        self.algorithm = "ES256"
        self._codes: dict[str, dict[str, str]] = {}
        self.turn_keys()
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._about),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._published),
            ]
        )

    def turn_keys(self) -> None:
        """Sign with another key from now on."""
        self._key = ECKey.generate_key("P-256", parameters={"kid": secrets.token_hex(4)})

    async def _about(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
            }
        )

    async def _published(self, _: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        query = dict(request.query_params)
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(8)
        self._codes[code] = query
        back = {"state": query["state"], "code": code}
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode(back)}", 302)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        asked = self._codes.pop(str(form["code"]), None)
        basic = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        good = (
            asked is not None
            and asked["code_challenge"] == challenge
            and asked["code_challenge_method"] == "S256"
            and asked["redirect_uri"] == form["redirect_uri"]
            and basic == f"{CLIENT}:s%25cret"
        )
        if not good or asked is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(asked["nonce"])}
        )

    def _signed(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": nonce, **self.who}
        self.change(claims)
        return jwt.encode({"alg": self.algorithm, "kid": self._key.kid}, claims, self._key)
