"""`/metrics`, where Prometheus fetches this panel's figures: with a reader key, as it has no session."""

from collections.abc import Sequence

from nicegui import Client
from prometheus_client import generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from agentops.errors import AgentOpsError
from agentops.keys import KeyVerifier, bearer
from agentops.wire import Scope
from ui.metrics import TABS

_READERS = (Scope.READER, Scope.ADMIN)
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class MetricsRoutes:
    """`GET /metrics`."""

    def __init__(self, keys: KeyVerifier) -> None:
        self._keys = keys

    def routes(self) -> Sequence[Route]:
        """What to mount."""
        return (Route("/metrics", self.metrics),)

    async def metrics(self, request: Request) -> Response:
        """In Prometheus' text format."""
        try:
            await self._keys.verify(bearer(request.headers.get("authorization", "")), scopes=_READERS)
        except AgentOpsError as refused:
            return _problem(refused)
        TABS.set(sum(client.has_socket_connection for client in tuple(Client.instances.values())))
        return PlainTextResponse(generate_latest(), media_type=_TEXT)


def _problem(refused: AgentOpsError) -> Response:
    status = {"unauthenticated": 401, "forbidden": 403}.get(refused.code, 503)
    body = {"title": refused.code, "status": status, "code": refused.code, "detail": refused.detail}
    return JSONResponse(body, status, media_type="application/problem+json")
