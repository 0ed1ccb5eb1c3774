"""One running system for the tests that leave it standing, if with new parts; the others start their own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.acceptance.stack import Stack, running
from tests.botapi import BotApiServer, Person

ADA = 424242


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def telegram() -> AsyncIterator[BotApiServer]:
    """Where the system's bot is at home."""
    async with BotApiServer() as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ada(telegram: BotApiServer) -> Person:
    """The one person who may use the bot."""
    return telegram.person("Ada", ADA)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(telegram: BotApiServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The system as `make run` starts it, with a bot and without any other account.

    Its leases run out soon, so that a dead worker's task is soon another's.
    """
    settings = {
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_BASE": telegram.base_url,
        "TELEGRAM_ALLOWED_USERS": str(ADA),
        "SEED_LEASE_S": "8",
        "SEED_HEARTBEAT_S": "1",
        "SEED_POLL_S": "1",
        "SEED_WARM": "false",
    }
    async with running(tmp_path_factory.mktemp("stack") / "home", settings) as started:
        yield started
