"""One running system for the tests that leave it standing; those that break it start their own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.acceptance.stack import Stack, running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The system without any account, as `make run` starts it."""
    async with running(tmp_path_factory.mktemp("stack") / "home") as started:
        yield started
