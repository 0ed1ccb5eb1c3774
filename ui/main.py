"""The panel's composition root: everything is made and wired here, and closed in reverse order."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from urllib.parse import urlsplit

import httpx
import structlog
import uvicorn
from fastapi import FastAPI
from starlette.routing import BaseRoute

from agentops import AgentOpsClient
from agentops.keys import KeyVerifier
from agentops.retry import RetryPolicy
from ui import web
from ui.board import BoardModel
from ui.calling import CallRoutes
from ui.conversation import Conversation
from ui.entering import Entrance
from ui.files import FileRoutes
from ui.gateway_client import GatewayClient
from ui.health import HealthRoutes
from ui.live import Live, Workers
from ui.login import BACK, LoginRoutes, OpenIdRoutes, PasswordRoutes, listed
from ui.openid import OpenId
from ui.pages import agents, costs, overview, people, person, project, projects, record, talk, task, tasks
from ui.pages import settings as settings_page
from ui.panel import Panel
from ui.plain import Ways
from ui.posting import PostingRoutes
from ui.reading import Following
from ui.rights import Rights
from ui.sessions import SessionStore
from ui.settings import UiSettings
from ui.watching import MetricsRoutes

log = structlog.get_logger(__name__)

QUICK = RetryPolicy(tries=3, budget_s=1.5)
"""A page rather says that the ledger is away than keep a person waiting."""


PAGES = (record, overview, talk, tasks, task, projects, project, agents, people, person, costs, settings_page)


class _Stopped(Exception):
    """The server has ended as it was told; everything beside it ends too."""


async def serve(settings: UiSettings) -> None:
    """Run the panel until it is cancelled or told to stop by SIGTERM or SIGINT."""
    try:
        async with AsyncExitStack() as opened, asyncio.TaskGroup() as group:
            app = await _assemble(settings, opened, group)
            log.info("panel.started", port=settings.port)
            await _run(_server(app, settings))
    except* _Stopped:
        log.info("panel.stopped")


async def _assemble(settings: UiSettings, opened: AsyncExitStack, group: asyncio.TaskGroup) -> FastAPI:
    key = settings.ledger_api_key.get_secret_value()
    sessions = SessionStore(settings.storage, settings.storage_secret.get_secret_value())
    ops = await opened.enter_async_context(AgentOpsClient(settings.ledger_url, key, retry=QUICK))
    nobody = await opened.enter_async_context(AgentOpsClient(settings.ledger_url, retry=QUICK))
    verifier = await opened.enter_async_context(KeyVerifier(settings.ledger_url, timeout_s=3, retry=QUICK))
    gateway = GatewayClient(settings.gateway_url)
    opened.push_async_callback(gateway.aclose)
    rights = Rights(settings.ledger_url, sessions)
    opened.push_async_callback(rights.aclose)

    panel = _panel(settings, ops, gateway, rights, Workers(group))
    for job in (panel.live.run(), panel.board.run(), panel.conversation.run()):
        group.create_task(job)
    for page in PAGES:
        page.register(panel)
    entrance = await _entrance(settings, opened, ledger=nobody, sessions=sessions, rights=rights)
    posting = PostingRoutes(
        rights=rights,
        gateway=gateway,
        conversation=panel.conversation,
        max_upload_bytes=settings.max_upload_bytes,
    )
    call = CallRoutes(rights, settings.gateway_url, settings.session)
    parts = (HealthRoutes(ops), MetricsRoutes(verifier), *entrance, FileRoutes(rights), posting, call)
    routes: list[BaseRoute] = [route for part in parts for route in part.routes()]
    return web.build(
        routes,
        sessions=sessions,
        verifier=verifier,
        storage=settings.storage,
        secure_cookies=settings.secure_cookies,
        ways=_ways(settings),
    )


def _ways(settings: UiSettings) -> Ways:
    return Ways(
        password=bool(settings.password_hash.get_secret_value()),
        provider=urlsplit(settings.oidc_issuer).netloc,
    )


async def _entrance(
    settings: UiSettings,
    opened: AsyncExitStack,
    *,
    ledger: AgentOpsClient,
    sessions: SessionStore,
    rights: Rights,
) -> list[LoginRoutes | PasswordRoutes | OpenIdRoutes]:
    """The ways in that the settings name; the one-time link always."""
    hashed = settings.password_hash.get_secret_value()
    issuer: AgentOpsClient | None = None
    if login_key := settings.login_key.get_secret_value():
        issuer = await opened.enter_async_context(AgentOpsClient(settings.ledger_url, login_key, retry=QUICK))
    entrance = Entrance(
        ledger=ledger,
        sessions=sessions,
        rights=rights,
        secure_cookies=settings.secure_cookies,
        issuer=issuer,
        ways=_ways(settings),
    )
    ways: list[LoginRoutes | PasswordRoutes | OpenIdRoutes] = [LoginRoutes(entrance)]
    if hashed:
        ways.append(PasswordRoutes(entrance, hashed))
    if settings.oidc_issuer:
        http = await opened.enter_async_context(httpx.AsyncClient())
        ways.append(_openid(settings, entrance, http))
    return ways


def _openid(settings: UiSettings, entrance: Entrance, http: httpx.AsyncClient) -> OpenIdRoutes:
    openid = OpenId(
        settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        redirect_uri=settings.public_url.rstrip("/") + BACK,
        http=http,
    )
    return OpenIdRoutes(
        entrance,
        openid,
        owners=listed(settings.oidc_owners),
        readers=listed(settings.oidc_readers),
    )


def _panel(
    settings: UiSettings, ops: AgentOpsClient, gateway: GatewayClient, rights: Rights, workers: Workers
) -> Panel:
    live = Live(ops)
    following = Following(live, workers)
    return Panel(
        settings=settings,
        ops=ops,
        rights=rights,
        live=live,
        board=BoardModel(ops, following),
        following=following,
        conversation=Conversation(
            settings.session,
            ops=ops,
            gateway=gateway,
            key=settings.ledger_api_key.get_secret_value(),
            workers=workers,
        ),
        workers=workers,
    )


class _Server(uvicorn.Server):
    """Stops at a signal without raising it again, so that everything opened here is closed in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {sig: signal.signal(sig, self.handle_exit) for sig in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)


def _server(app: FastAPI, settings: UiSettings) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        host=settings.bind_host,
        port=settings.port,
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return _Server(config)


async def _run(server: uvicorn.Server) -> None:
    serving = asyncio.create_task(server.serve())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
    raise _Stopped
