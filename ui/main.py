"""The panel's composition root: everything is made and wired here, and closed in reverse order."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.routing import BaseRoute

from agentops import AgentOpsClient
from agentops.keys import KeyVerifier
from agentops.retry import RetryPolicy
from ui import web
from ui.auth import LoginRoutes
from ui.board import BoardModel
from ui.calling import CallRoutes
from ui.conversation import Conversation
from ui.files import FileRoutes
from ui.gateway_client import GatewayClient
from ui.health import HealthRoutes
from ui.limits import AttemptLimit
from ui.live import Live, Workers
from ui.pages import agents, costs, overview, people, person, project, projects, record, talk, task, tasks
from ui.pages import settings as settings_page
from ui.panel import Panel
from ui.posting import PostingRoutes
from ui.reading import Following
from ui.rights import Rights
from ui.sessions import SessionStore
from ui.settings import UiSettings

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
    login = LoginRoutes(
        ledger=nobody,
        sessions=sessions,
        rights=rights,
        secure_cookies=settings.secure_cookies,
        limit=AttemptLimit(),
    )
    posting = PostingRoutes(
        rights=rights,
        gateway=gateway,
        conversation=panel.conversation,
        max_upload_bytes=settings.max_upload_bytes,
    )
    call = CallRoutes(rights, settings.gateway_url, settings.session)
    parts = (HealthRoutes(ops), login, FileRoutes(rights), posting, call)
    routes: list[BaseRoute] = [route for part in parts for route in part.routes()]
    return web.build(routes, sessions=sessions, verifier=verifier, storage=settings.storage)


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
