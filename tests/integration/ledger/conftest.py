"""Plain HTTP clients with each kind of key."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.ledger.api import Api, api_for


@pytest.fixture
async def admin(ledger_url: str, admin_key: str) -> AsyncIterator[Api]:
    """May do everything."""
    async with api_for(ledger_url, admin_key) as api:
        yield api


@pytest.fixture
async def worker(ledger_url: str, agent_key: str) -> AsyncIterator[Api]:
    """Works on what it holds."""
    async with api_for(ledger_url, agent_key) as api:
        yield api


@pytest.fixture
async def reader(ledger_url: str, reader_key: str) -> AsyncIterator[Api]:
    """Reads."""
    async with api_for(ledger_url, reader_key) as api:
        yield api
