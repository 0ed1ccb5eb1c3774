"""The gateway's composition root: the one module that knows every channel."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext

import structlog
import uvicorn
from litestar import Router
from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.keys import KeyVerifier
from gateway.delivery.courier import Courier
from gateway.identity.directory import Directory
from gateway.notify.notifying import open_notify
from gateway.phone.opening import Surroundings as PhoneSurroundings
from gateway.phone.opening import open_phone
from gateway.phone.settings import PhoneSettings
from gateway.session.leases import RedisLeases
from gateway.session.memos import RedisMemos
from gateway.session.names import session_id
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.stream import Limits
from gateway.settings import GatewaySettings
from gateway.telegram.channel import TelegramChannel
from gateway.telegram.opening import Surroundings, open_telegram, webhook_of
from gateway.telegram.settings import TelegramSettings
from gateway.telegram.webhook import Webhook
from gateway.web.app import create_app
from gateway.web.calls import call_router
from gateway.web.readiness import Readiness
from gateway.web.services import Services

SHUTDOWN_S = 1
MAX_MESSAGE_BYTES = 65_536
"""Of a WebSocket: a second of sound is half of it."""

log = structlog.get_logger(__name__)


async def serve(
    settings: GatewaySettings, telegram: TelegramSettings | None = None, phone: PhoneSettings | None = None
) -> None:
    """Run every channel until cancelled, or until SIGTERM or SIGINT.

    Args:
        settings: Of the gateway.
        telegram: Of the Telegram channel; read from the environment when not given.
        phone: Of the telephone; read from the environment when not given.
    """
    with _stop_signals() as stop:
        async with opened(settings, telegram or TelegramSettings(), phone or PhoneSettings()) as url:
            log.info("gateway.started", url=url)
            await stop.wait()
    log.info("gateway.stopped")


@asynccontextmanager
async def opened(
    settings: GatewaySettings, telegram: TelegramSettings, phone: PhoneSettings | None = None
) -> AsyncIterator[str]:
    """Everything running; yields the base URL of the conversation API.

    Raises:
        InvalidSessionId: COS_SESSION is not a name that a session can have.
        OSError: The port is taken.
    """
    owner = session_id(settings.session)
    async with (
        open_redis(settings.redis_url.get_secret_value()) as redis,
        AgentOpsClient(settings.ledger_url, settings.ledger_api_key.get_secret_value()) as ops,
        KeyVerifier(settings.ledger_url) as keys,
    ):
        limits = Limits(per_session=settings.max_waiting_turns, overall=settings.max_waiting_overall)
        stream = RedisSessionStream(redis, limits=limits, interrupting=settings.new_message_interrupts)
        directory = Directory(ops, owner)
        services = Services(
            stream=stream,
            ops=ops,
            keys=keys,
            readiness=Readiness(redis, ops),
            max_upload_bytes=settings.max_upload_bytes,
            redis=redis,
            closing=asyncio.Event(),
        )
        webhook = webhook_of(telegram)
        memos = RedisMemos(redis)
        of_phone = PhoneSurroundings(
            stream=stream, ops=ops, directory=directory, memos=memos, main_session=owner
        )
        async with open_phone(phone or PhoneSettings.model_construct(), of_phone) as telephone:
            notify = open_notify(
                ops,
                stream,
                redis,
                directory,
                owner,
                public_url=settings.public_url,
                caller=telephone.caller,
                lease_s=settings.lease_s,
            )
            around = Surroundings(
                stream=stream,
                ops=ops,
                directory=directory,
                memos=memos,
                leases=RedisLeases(redis),
                main_session=owner,
                panel=settings.public_url,
                speech=telephone.desk.engines.ready,
                ringer=telephone.ringer,
            )
            doors = [
                *([webhook.router()] if webhook else []),
                *telephone.routers,
                call_router(telephone.desk),
            ]
            async with (
                _running(notify.run),
                _telegram(telegram, redis, around, webhook, lease_s=settings.lease_s),
                _web(settings, services, doors) as url,
                telephone.open_lines(),  # left first: those who talk may finish while all else still works
            ):
                yield url


@asynccontextmanager
async def _telegram(
    settings: TelegramSettings,
    redis: Redis,
    around: Surroundings,
    webhook: Webhook | None,
    *,
    lease_s: float,
) -> AsyncIterator[None]:
    if settings.bot_token is None:
        yield
        return

    async def run() -> None:
        # Beside the rest: loading the Bot API's types takes seconds, and the browser need not wait for them.
        async with open_telegram(settings, around, webhook) as channel:
            await _carry(redis, channel, lease_s)

    async with _running(run):
        yield


async def _carry(redis: Redis, channel: TelegramChannel, lease_s: float) -> None:
    courier = Courier(redis, channel, name=f"{socket.gethostname()}-{os.getpid()}", lease_s=lease_s)
    await courier.announce()  # before the channel's first turn, or its answer might not be kept
    async with asyncio.TaskGroup() as group:
        group.create_task(courier.run(), name="delivery")
        group.create_task(channel.run(), name=channel.name)


@asynccontextmanager
async def _running(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Work beside the block; should it end, so does the block."""

    async def run() -> None:
        await work()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(run())
        try:
            yield
        finally:
            task.cancel()


@asynccontextmanager
async def _web(
    settings: GatewaySettings, services: Services, mounted: Sequence[Router]
) -> AsyncIterator[str]:
    with _listener(settings.bind_host, settings.port) as listener:
        server = _Server(_server_config(services, mounted))

        async def run() -> None:
            await server.serve(sockets=[listener])

        async with asyncio.TaskGroup() as group:
            task = group.create_task(run(), name="web")
            try:
                await server.up.wait()
                yield f"http://{settings.bind_host}:{listener.getsockname()[1]}"
            finally:
                services.closing.set()
                server.should_exit = True
                await asyncio.wait([task], timeout=SHUTDOWN_S + 1)
                task.cancel()


def _listener(host: str, port: int) -> socket.socket:
    """Names the protocol: asyncio sets TCP_NODELAY on nothing else, and each answer would wait 40 ms."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to `serve`, which has more to stop than this."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


def _server_config(services: Services, mounted: Sequence[Router]) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(services, mounted),
        http="httptools",
        loop="none",
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # sound does not get smaller, and each socket would cost 50 kB more
        access_log=False,
        log_config=None,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )


@contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    for one in signals:
        loop.add_signal_handler(one, stop.set)
    try:
        yield stop
    finally:
        for one in signals:
            loop.remove_signal_handler(one)
