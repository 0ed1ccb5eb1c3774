"""A plain HTTP client for the ledger's own tests: what goes over the wire, and nothing in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx


class Api:
    """Requests under /api/v1 with one key."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, expected: int = 200, /, **params: Any) -> Any:
        """GET; asserts the status and returns the JSON."""
        return _checked(await self.client.get(path, params=params), expected)

    async def post(
        self, path: str, expected: int | None = None, /, *, key: str | None = None, **body: Any
    ) -> Any:
        """POST of the keyword arguments as JSON."""
        headers = {"Idempotency-Key": key} if key else {}
        return _checked(await self.client.post(path, json=body, headers=headers), expected)

    async def patch(self, path: str, expected: int = 200, /, **body: Any) -> Any:
        """PATCH of the keyword arguments as JSON."""
        return _checked(await self.client.patch(path, json=body), expected)

    async def task(self, title: str = "Count the boxes", **fields: Any) -> Any:
        """A new task."""
        return await self.post("/tasks", 201, title=title, **fields)

    async def claimed(self, agent: str = "seed-1", **fields: Any) -> Any:
        """A new task, claimed: the Claim."""
        lease_s = fields.pop("lease_s", 60)
        task = await self.task(**fields)
        return await self.post(
            f"/tasks/{task['id']}/claim", 200, agent=agent, version=task["version"], lease_s=lease_s
        )

    async def events(self, after: str = "0", **params: Any) -> list[Any]:
        """Everything behind a cursor."""
        found: list[Any] = []
        while True:
            page = await self.get("/events", after=after, **params)
            found += page["events"]
            if not page["events"]:
                return found
            after = page["cursor"]

    async def types(self, **params: Any) -> list[str]:
        """The types of all events, in order."""
        return [event["type"] for event in await self.events(**params)]


def _checked(response: httpx.Response, status: int | None) -> Any:
    wanted = (200, 201) if status is None else (status,)
    assert response.status_code in wanted, f"{response.status_code}: {response.text}"
    return response.json() if response.content else None


@asynccontextmanager
async def api_for(url: str, key: str) -> AsyncIterator[Api]:
    """An open client with this key."""
    headers = {"Authorization": f"Bearer {key}"}
    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(
        base_url=f"{url}/api/v1", headers=headers, timeout=30, limits=limits, trust_env=False
    ) as client:
        yield Api(client)
