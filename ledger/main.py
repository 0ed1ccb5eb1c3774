"""The ledger's composition root."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Protocol

import structlog
import uvicorn
from litestar import Litestar
from pydantic import SecretStr

from agentops.wire import Scope
from ledger import migrate
from ledger.access.keys import Keyring, ensure
from ledger.access.limits import RateLimits, limits_of
from ledger.artifacts.store import ArtifactStore
from ledger.engine import AWAY, LedgerEngine
from ledger.events.feed import Feed
from ledger.events.wake import Wake
from ledger.http.app import create_app
from ledger.http.one_packet import OnePacket
from ledger.http.services import Services
from ledger.schedules.firing import Scheduler
from ledger.settings import LedgerSettings
from ledger.system.orphans import Orphans
from ledger.system.retention import Keep, Retention
from ledger.tasks import sql
from ledger.tasks.sweeper import Sweeper
from ledger.together import Together
from ledger.watching.requests import Counted
from ledger.watching.state import State

DATABASE_WAIT_S = 0.5
SHUTDOWN_S = 2
COLLECTIONS = (20_000, 20, 20)

log = structlog.get_logger(__name__)


async def serve(settings: LedgerSettings) -> None:
    """Migrates, then serves until SIGTERM or SIGINT. Waits for a database that is not there yet."""
    async with opened(settings) as app:
        # The application stays, and a batch makes thousands of objects that are no garbage yet: to look
        # through either again and again was a tenth of this process's work.
        gc.freeze()
        gc.set_threshold(*COLLECTIONS)
        server = _Server(server_config(app, settings))
        log.info("ledger.started", host=settings.cos_bind_host, port=settings.ledger_port)
        await server.serve()
    log.info("ledger.stopped")


class _Server(uvicorn.Server):
    """Ends on SIGTERM or SIGINT, but does not raise the signal again: what is open has to be closed first."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with super().capture_signals():
            yield
            self._captured_signals.clear()


def server_config(app: Litestar, settings: LedgerSettings) -> uvicorn.Config:
    """How uvicorn serves the ledger."""
    return uvicorn.Config(
        app,
        host=settings.cos_bind_host,
        port=settings.ledger_port,
        http=OnePacket,
        loop="none",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=65_536,
        access_log=False,
        proxy_headers=False,
        log_config=None,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )


@asynccontextmanager
async def opened(
    settings: LedgerSettings, app_of: Callable[[Services], Litestar] = create_app
) -> AsyncIterator[Litestar]:
    """The application with everything behind it open; closed in reverse order.

    Args:
        settings: Of the ledger.
        app_of: Makes the application. Building one takes 0.2 s, so whoever opens many may keep some.
    """
    dsn = settings.database_url.get_secret_value()
    await _migrated(dsn)
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    limits = _limits(redis_url, settings)
    commands = settings.ledger_pool_size // 2
    pools = LedgerEngine(dsn).opened(max_size=settings.ledger_pool_size - commands, commands=commands)
    async with aclosing(limits), pools as db:
        await _accept_bootstrap_keys(db, settings)
        feed = Feed(db)
        counted = Counted()
        wake = Wake(redis_url, feed.wake, counted.events)
        services = Services(
            settings=settings,
            db=db,
            together=Together(db, sql.CREATE_TOGETHER),
            keyring=Keyring(db),
            store=ArtifactStore(settings.artifacts_url, max_bytes=settings.max_upload_bytes),
            feed=feed,
            wake=wake,
            limits=limits,
            counted=counted,
            state=State(db),
        )
        loops: dict[str, Loop] = {
            "feed": feed,
            "together": services.together,
            "wake": wake,
            "sweeper": _sweeper(db, wake, settings),
            "scheduler": Scheduler(db, wake.announce, every_s=settings.ledger_sweep_s),
            "retention": Retention(db, _keep(settings)),
            "orphans": Orphans(db, services.store),
        }
        async with _background(loops):
            yield app_of(services)


class Loop(Protocol):
    """What goes on beside the requests, until it is cancelled."""

    async def run(self) -> None: ...


@asynccontextmanager
async def _background(loops: Mapping[str, Loop]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop.run(), name=f"ledger.{name}") for name, loop in loops.items()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


def _limits(redis_url: str | None, settings: LedgerSettings) -> RateLimits:
    return limits_of(redis_url, rate_per_s=settings.ledger_rate_per_s, burst=settings.ledger_rate_burst)


def _sweeper(db: LedgerEngine, wake: Wake, settings: LedgerSettings) -> Sweeper:
    return Sweeper(
        db,
        wake.announce,
        every_s=settings.ledger_sweep_s,
        silence_s=settings.ledger_agent_silence_s,
    )


def _keep(settings: LedgerSettings) -> Keep:
    return Keep(
        events=settings.ledger_keep_events_days,
        turns=settings.ledger_keep_turns_days,
        attempts=settings.ledger_keep_attempts_days,
        answers=settings.ledger_keep_answers_days,
    )


async def _migrated(dsn: str) -> None:
    while True:
        try:
            await migrate.forwards(dsn)
        except AWAY as error:
            log.warning("database.unavailable", error=type(error).__name__)
            await asyncio.sleep(DATABASE_WAIT_S)
        else:
            return


async def _accept_bootstrap_keys(db: LedgerEngine, settings: LedgerSettings) -> None:
    given: list[tuple[str, Scope, SecretStr | None]] = [
        ("admin", Scope.ADMIN, settings.ledger_bootstrap_admin_key),
        ("agent", Scope.AGENT, settings.ledger_bootstrap_agent_key),
        ("reader", Scope.READER, settings.ledger_bootstrap_reader_key),
    ]
    for name, scope, secret in given:
        if secret is not None and secret.get_secret_value():
            await ensure(db, name, scope, secret.get_secret_value())
