"""A door to look at a worker through: `/metrics` for Prometheus, with a reader key, and `/health/live`.

A worker needs no door to work, so there is none unless SEED_PORT says where.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from prometheus_client import generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

import brain.metrics
import brain.seed.metrics
import brain.seed.sandbox.metrics
from agentops import AgentOpsError, KeyVerifier
from agentops.keys import bearer
from agentops.wire import Scope
from brain.listening import HttpServer
from brain.seed.settings import SeedSettings

TELLING = (brain.metrics, brain.seed.metrics, brain.seed.sandbox.metrics)
"""Loaded now, so that every name is there before the first task."""
_READERS = (Scope.READER, Scope.ADMIN)
_TEXT = "text/plain; version=0.0.4; charset=utf-8"

log = structlog.get_logger(__name__)


@asynccontextmanager
async def watchable(settings: SeedSettings) -> AsyncIterator[None]:
    """Answers on SEED_PORT while the block runs.

    Raises:
        SystemExit: Something else listens there.
    """
    async with KeyVerifier(settings.ledger_url, timeout_s=3) as keys:
        server = HttpServer(door(keys), settings.bind_host, settings.port)
        serving = asyncio.create_task(server.serve())
        log.info("worker.watchable", port=settings.port)
        try:
            yield
        finally:
            server.stop()
            await serving


def door(keys: KeyVerifier) -> Starlette:
    """The two pages."""

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def metrics(request: Request) -> Response:
        try:
            await keys.verify(bearer(request.headers.get("authorization", "")), scopes=_READERS)
        except AgentOpsError as refused:
            return _problem(refused)
        return PlainTextResponse(generate_latest(), media_type=_TEXT)

    return Starlette(routes=[Route("/health/live", live), Route("/metrics", metrics)])


def _problem(refused: AgentOpsError) -> Response:
    status = {"unauthenticated": 401, "forbidden": 403}.get(refused.code, 503)
    body = {"title": refused.code, "status": status, "code": refused.code, "detail": refused.detail}
    return JSONResponse(body, status, media_type="application/problem+json")
