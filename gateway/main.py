"""The gateway's composition root: the one module that knows every channel."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import structlog
from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.keys import KeyVerifier
from agentops.requests import is_loopback
from gateway.carrier import Carrier
from gateway.delivery.courier import Courier
from gateway.identity.directory import Directory
from gateway.notify.notifying import Notifying, open_notify
from gateway.phone.opening import Surroundings as PhoneSurroundings
from gateway.phone.opening import Telephone, open_phone
from gateway.phone.settings import PhoneSettings
from gateway.session.leases import RedisLeases
from gateway.session.memos import RedisMemos
from gateway.session.names import session_id
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.stream import Limits
from gateway.session.turns import SessionId
from gateway.settings import GatewaySettings
from gateway.telegram.channel import TelegramChannel
from gateway.telegram.opening import Surroundings, open_telegram, webhook_of
from gateway.telegram.settings import TelegramSettings
from gateway.telegram.webhook import Webhook
from gateway.web.calls import call_router
from gateway.web.readiness import Readiness
from gateway.web.server import serving
from gateway.web.services import Services

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
    async with (
        _ground(settings) as ground,
        open_phone(phone or PhoneSettings.model_construct(), ground.for_phone()) as telephone,
    ):
        webhook = webhook_of(telegram)
        services = ground.for_web()
        doors = [
            *([webhook.router()] if webhook else []),
            *telephone.routers,
            call_router(telephone.desk),
        ]
        async with (
            _running(ground.notify(telephone).run),
            _telegram(telegram, ground, telephone, webhook),
            serving(settings, services, doors) as url,
            telephone.open_lines(),  # left first: those who talk may finish while all else still works
        ):
            yield url


@dataclass(frozen=True)
class _Ground:
    """What every channel stands on."""

    settings: GatewaySettings
    owner: SessionId
    redis: Redis
    ops: AgentOpsClient
    keys: KeyVerifier
    stream: RedisSessionStream
    directory: Directory
    memos: RedisMemos

    def for_web(self) -> Services:
        return Services(
            stream=self.stream,
            ops=self.ops,
            keys=self.keys,
            readiness=Readiness(self.redis, self.ops),
            max_upload_bytes=self.settings.max_upload_bytes,
            redis=self.redis,
            closing=asyncio.Event(),
        )

    def for_phone(self) -> PhoneSurroundings:
        return PhoneSurroundings(
            stream=self.stream,
            ops=self.ops,
            directory=self.directory,
            memos=self.memos,
            main_session=self.owner,
        )

    def for_telegram(self, telephone: Telephone) -> Surroundings:
        return Surroundings(
            stream=self.stream,
            ops=self.ops,
            directory=self.directory,
            memos=self.memos,
            leases=RedisLeases(self.redis),
            main_session=self.owner,
            panel=self.settings.public_url,
            speech=telephone.desk.engines.ready,
            ringer=telephone.ringer,
        )

    def notify(self, telephone: Telephone) -> Notifying:
        return open_notify(
            self.ops,
            self.stream,
            self.redis,
            self.directory,
            self.owner,
            public_url=self.settings.public_url,
            caller=telephone.caller,
            lease_s=self.settings.lease_s,
        )


@asynccontextmanager
async def _ground(settings: GatewaySettings) -> AsyncIterator[_Ground]:
    owner = session_id(settings.session)
    carrier = Carrier(trust_env=not is_loopback(settings.ledger_url))
    async with (
        open_redis(settings.redis_url.get_secret_value()) as redis,
        AgentOpsClient(
            settings.ledger_url, settings.ledger_api_key.get_secret_value(), carrier=carrier
        ) as ops,
        KeyVerifier(settings.ledger_url) as keys,
    ):
        limits = Limits(per_session=settings.max_waiting_turns, overall=settings.max_waiting_overall)
        yield _Ground(
            settings,
            owner,
            redis,
            ops,
            keys,
            RedisSessionStream(redis, limits=limits, interrupting=settings.new_message_interrupts),
            Directory(ops, owner),
            RedisMemos(redis),
        )


@asynccontextmanager
async def _telegram(
    settings: TelegramSettings, ground: _Ground, telephone: Telephone, webhook: Webhook | None
) -> AsyncIterator[None]:
    if settings.bot_token is None:
        yield
        return

    async def run() -> None:
        # Beside the rest: loading the Bot API's types takes seconds, and the browser need not wait for them.
        async with open_telegram(settings, ground.for_telegram(telephone), webhook) as channel:
            gc.freeze()  # those types stay: a collection that looks through them would stop everybody
            await _carry(ground.redis, channel, ground.settings.lease_s)

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
