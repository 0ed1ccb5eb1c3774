"""A running channel between a Bot API server and a session stream, polling or called by a webhook."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from litestar import Litestar
from pydantic import SecretStr

from agentops import AgentOpsClient
from agentops.retry import RetryPolicy
from agentops.wire import Person as LedgerPerson
from gateway.identity.directory import Directory
from gateway.session.leases import Leases, MemoryLeases
from gateway.session.memory import MemorySessionStream
from gateway.session.memos import MemoryMemos, Memos
from gateway.session.stream import SessionStream
from gateway.session.turns import Lane, Reply, SessionId, Turn
from gateway.telegram.channel import TelegramChannel
from gateway.telegram.opening import Surroundings, open_telegram, webhook_of
from gateway.telegram.settings import TelegramSettings
from gateway.telegram.voicenotes import OpenSpeech
from gateway.telegram.webhook import Webhook
from tests.botapi import BotApiServer, Person
from tests.waiting import eventually

SESSION = SessionId("main")
SECRET = "only-telegram-knows-this"
BOTH_MODES = pytest.mark.parametrize("mode", ["polling", "webhook"])


@dataclass(frozen=True)
class Desk:
    """What a test needs at hand."""

    telegram: BotApiServer
    owner: Person
    stream: MemorySessionStream
    ops: AgentOpsClient
    channel: TelegramChannel
    """Not running yet."""
    settings: TelegramSettings
    around: Surroundings
    webhook: Webhook | None = None
    listener: socket.socket | None = None

    @property
    def memos(self) -> Memos:
        return self.around.memos

    @property
    def url(self) -> str:
        """Where the webhook is."""
        return self.settings.webhook_url

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The channel, reading what people write."""
        async with _served(self.webhook, self.listener), running(self.channel):
            yield

    def opened(
        self, stream: SessionStream | None = None, **settings: Any
    ) -> AbstractAsyncContextManager[TelegramChannel]:
        """Another channel for the same bot: a second process, or the same one after a restart."""
        around = replace(self.around, stream=stream or self.stream)
        return open_telegram(self.settings.model_copy(update=settings), around, self.webhook)

    async def turn(self, lane: Lane = Lane.TALK) -> Turn:
        """The next turn that a brain would take; it is answered at once, by silence."""
        return await next_turn(self.stream, lane)

    async def no_turn(self) -> None:
        """Nothing waits for a brain."""
        for lane in Lane:
            assert await self.stream.acquire("test", lane=lane, wait_s=0) is None

    async def pair(self, stranger: Person, role: str = "member") -> LedgerPerson:
        """Let somebody in, as an owner does elsewhere."""
        from agentops.wire import ApprovePairing, NewPairing, Role

        new = NewPairing(channel="telegram", address=str(stranger.id), display_name=stranger.first_name)
        pairing = await self.ops.create_pairing(new)
        approval = ApprovePairing(code=pairing.code, role=Role(role))
        person = await self.ops.approve_pairing(approval)
        self.around.directory.forget()
        return person


async def next_turn(stream: SessionStream, lane: Lane = Lane.TALK, *, wait_s: float = 10) -> Turn:
    """Take a stream's next turn and answer it by silence."""
    lease = await stream.acquire("test", lane=lane, wait_s=wait_s)
    assert lease is not None, f"no turn within {wait_s} s"
    taken = await lease.next_turn()
    assert taken is not None
    await lease.answer(silence(taken.turn))
    await lease.release()
    return taken.turn


def silence(turn: Turn) -> Reply:
    """An answer that says nothing."""
    return Reply(
        session_id=turn.session_id,
        turn_id=turn.id,
        channel=turn.channel,
        address=turn.address,
        text="",
        at=datetime.now(UTC),
    )


def settings_for(telegram: BotApiServer, *allowed: Person, **changes: Any) -> TelegramSettings:
    """The settings of a bot on this server, obeying these people."""
    plain = TelegramSettings(
        bot_token=SecretStr(telegram.token),
        api_base=telegram.base_url,
        allowed_users=frozenset(person.id for person in allowed),
    )
    return plain.model_copy(update=changes)


class _QuietServer(uvicorn.Server):
    def capture_signals(self) -> Any:
        return nullcontext()


@asynccontextmanager
async def _served(webhook: Webhook | None, listener: socket.socket | None) -> AsyncIterator[None]:
    """The webhook's own server, as the gateway mounts it."""
    if webhook is None or listener is None:
        yield
        return
    app = Litestar([webhook.router()], openapi_config=None, logging_config=None)
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", access_log=False, timeout_graceful_shutdown=1
    )
    server = _QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await eventually(lambda: server.started, every_s=0.005)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def running(channel: TelegramChannel) -> AsyncIterator[None]:
    """Run a channel for as long as the block lasts; what it raises fails the test."""
    task = asyncio.create_task(channel.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def telegram() -> AsyncIterator[BotApiServer]:
    async with BotApiServer() as server:
        yield server


@pytest.fixture
def owner(telegram: BotApiServer) -> Person:
    return telegram.person("Ada")


@pytest.fixture
async def no_ledger() -> AsyncIterator[AgentOpsClient]:
    """A client of a ledger that is down."""
    once = RetryPolicy(tries=1)
    async with AgentOpsClient("http://127.0.0.1:9", "nobody", timeout_s=1, retry=once) as client:
        yield client


@pytest.fixture(autouse=True)
def _closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiogram sleeps a quarter of a second after closing, for the sake of TLS."""
    # Here, as below: it takes 3 s to import, in every process that collects the tests.
    from aiogram.client.session.aiohttp import AiohttpSession

    async def close(session: AiohttpSession) -> None:
        if session._session is not None and not session._session.closed:
            await session._session.close()

    monkeypatch.setattr(AiohttpSession, "close", close)


@pytest.fixture
def mode() -> str:
    """`polling` or `webhook`; a test that is for both is marked with `BOTH_MODES`."""
    return "polling"


@pytest.fixture
def memos() -> Memos:
    return MemoryMemos()


@pytest.fixture
def leases() -> Leases:
    return MemoryLeases()


@pytest.fixture
def speech() -> OpenSpeech | None:
    """Ears and mouth; a module about voice notes has its own."""
    return None


@asynccontextmanager
async def at_desk(
    telegram: BotApiServer,
    owner: Person,
    ops: AgentOpsClient,
    memos: Memos,
    leases: Leases,
    mode: str,
    speech: OpenSpeech | None = None,
) -> AsyncIterator[Desk]:
    stream = MemorySessionStream()
    around = Surroundings(
        stream=stream,
        ops=ops,
        directory=Directory(ops, SESSION),
        memos=memos,
        leases=leases,
        main_session=SESSION,
        panel="https://panel.example.org",
        speech=speech,
    )
    settings, listener = settings_for(telegram, owner), None
    if mode == "webhook":
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/telegram/in"
        settings = settings_for(telegram, owner, webhook_url=url, webhook_secret=SecretStr(SECRET))
    webhook = webhook_of(settings)
    async with open_telegram(settings, around, webhook) as channel:
        yield Desk(telegram, owner, stream, ops, channel, settings, around, webhook, listener)
    if listener is not None:
        listener.close()


@pytest.fixture
async def desk_with_ledger(
    telegram: BotApiServer,
    owner: Person,
    ops: AgentOpsClient,
    memos: Memos,
    leases: Leases,
    mode: str,
    speech: OpenSpeech | None,
) -> AsyncIterator[Desk]:
    """A channel beside a real ledger, which takes files of at most 1 MB."""
    async with at_desk(telegram, owner, ops, memos, leases, mode, speech) as desk:
        yield desk


@pytest.fixture
async def desk(
    telegram: BotApiServer,
    owner: Person,
    no_ledger: AgentOpsClient,
    memos: Memos,
    leases: Leases,
    mode: str,
) -> AsyncIterator[Desk]:
    """A channel whose ledger is down: for what needs none, because its owner is named in the settings."""
    async with at_desk(telegram, owner, no_ledger, memos, leases, mode) as desk:
        yield desk
