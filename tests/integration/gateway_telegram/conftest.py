"""A running channel between a Bot API server and a session stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from agentops import AgentOpsClient
from agentops.retry import RetryPolicy
from gateway.session.memory import MemorySessionStream
from gateway.session.stream import SessionStream
from gateway.session.turns import Lane, Reply, Turn
from gateway.telegram.channel import TelegramChannel, open_telegram
from gateway.telegram.settings import TelegramSettings
from tests.botapi import BotApiServer, Person

SESSION = "main"


@dataclass(frozen=True)
class Desk:
    """What a test needs at hand."""

    telegram: BotApiServer
    owner: Person
    stream: MemorySessionStream
    ops: AgentOpsClient
    channel: TelegramChannel
    """Not running yet."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """The channel, reading what people write."""
        return running(self.channel)

    def opened(self, stream: SessionStream) -> AbstractAsyncContextManager[TelegramChannel]:
        """Another channel for the same bot: a second process, or the same one after a restart."""
        return open_telegram(settings_for(self.telegram, self.owner), stream, self.ops, SESSION)

    async def turn(self, lane: Lane = Lane.TALK) -> Turn:
        """The next turn that a brain would take; it is answered at once, by silence."""
        return await next_turn(self.stream, lane)

    async def no_turn(self) -> None:
        """Nothing waits for a brain."""
        for lane in Lane:
            assert await self.stream.acquire("test", lane=lane, wait_s=0) is None


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


def settings_for(telegram: BotApiServer, *allowed: Person) -> TelegramSettings:
    """The settings of a bot on this server, obeying these people."""
    return TelegramSettings(
        bot_token=SecretStr(telegram.token),
        api_base=telegram.base_url,
        allowed_users=frozenset(person.id for person in allowed),
    )


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


@pytest.fixture
async def desk_with_ledger(telegram: BotApiServer, owner: Person, ops: AgentOpsClient) -> AsyncIterator[Desk]:
    """A channel beside a real ledger, which takes files of at most 1 MB."""
    stream = MemorySessionStream()
    async with open_telegram(settings_for(telegram, owner), stream, ops, SESSION) as channel:
        yield Desk(telegram=telegram, owner=owner, stream=stream, ops=ops, channel=channel)


@pytest.fixture
async def desk(telegram: BotApiServer, owner: Person, no_ledger: AgentOpsClient) -> AsyncIterator[Desk]:
    """A channel that needs no ledger, because nobody sends files."""
    stream = MemorySessionStream()
    async with open_telegram(settings_for(telegram, owner), stream, no_ledger, SESSION) as channel:
        yield Desk(telegram=telegram, owner=owner, stream=stream, ops=no_ledger, channel=channel)
