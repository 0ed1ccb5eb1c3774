"""Clients that others make and never close: closed at the end of the test that made them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest


@pytest.fixture
async def closed_clients(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Vendors' packages hold an httpx client for as long as they live, or make one for each call.

    Its connections would be collected in a later test, which is then blamed for them.
    """
    made: list[httpx.AsyncClient] = []
    begin = httpx.AsyncClient.__init__

    def noted(client: httpx.AsyncClient, *args: Any, **options: Any) -> None:
        begin(client, *args, **options)
        made.append(client)

    monkeypatch.setattr(httpx.AsyncClient, "__init__", noted)
    yield
    for client in made:
        await client.aclose()
