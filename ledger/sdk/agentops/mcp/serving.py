"""The two ways to reach the server: stdio for one agent's own process, streamable HTTP for many."""

from contextlib import aclosing

import msgspec
import uvicorn
from mcp.server.stdio import stdio_server
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from agentops.errors import AgentOpsError, Unauthenticated
from agentops.keys import KeyVerifier
from agentops.mcp.server import Callers, server_of
from agentops.wire import Problem

PATH = "/mcp"


async def serve_stdio(url: str, api_key: str) -> None:
    """Serve one agent over stdin and stdout, with one key, until stdin ends."""
    async with aclosing(Callers(url, api_key)) as callers:
        server = server_of(callers)
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())


async def serve_http(url: str, *, host: str = "127.0.0.1", port: int = 8704) -> None:
    """Serve any number of agents under `/mcp`, each with the key in its `Authorization` header."""
    async with aclosing(Callers(url, None)) as callers:
        app = app_of(callers, host=host)
        config = uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False)
        await uvicorn.Server(config).serve()


def app_of(callers: Callers, *, host: str) -> ASGIApp:
    """The ASGI application: every request stands alone, so that any replica may answer it."""
    app = server_of(callers).streamable_http_app(
        streamable_http_path=PATH, json_response=True, stateless_http=True, host=host
    )
    return KeysOnly(app, callers.keys)


class KeysOnly:
    """Lets in who has a key of the ledger."""

    def __init__(self, app: ASGIApp, keys: KeyVerifier) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._keys.verify(Headers(scope=scope).get("authorization", "").partition(" ")[2])
        except AgentOpsError as error:
            await _refusal(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _refusal(error: AgentOpsError) -> Response:
    known = isinstance(error, Unauthenticated)
    problem = Problem(status=401 if known else 503, code=error.code, detail=error.detail)
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type="application/problem+json",
        headers={"WWW-Authenticate": "Bearer"} if known else {"Retry-After": "1"},
    )
