"""PostgreSQL and Redis are killed and come back: the ledger says so meanwhile, and heals by itself."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ops.embedded.postgres import EmbeddedPostgres
from ops.embedded.redis import EmbeddedRedis
from tests.integration.ledger.api import Api, api_for
from tests.integration.ledger.test_events import listening
from tests.ledger_fixtures import ADMIN_KEY, READER_KEY, StartLedger
from tests.waiting import eventually


@pytest.fixture
async def own_redis(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedRedis]:
    async with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
async def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    async with EmbeddedPostgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


async def test_the_ledger_heals_after_postgresql_was_killed(
    start_ledger: StartLedger, own_postgres: EmbeddedPostgres
) -> None:
    dsn = SecretStr(own_postgres.dsn)
    async with start_ledger(database_url=dsn) as url, api_for(url, ADMIN_KEY) as api:
        claim = await api.claimed()
        async with listening(url, READER_KEY, after="0") as live:
            await eventually(lambda: len(live.events) == 2)
            os.kill(own_postgres.pid, signal.SIGKILL)
            await own_postgres.wait()

            refused = await _refused(api)
            assert refused.headers["retry-after"] == "1"
            assert refused.json()["code"] == "unavailable"
            assert (await api.client.get("/health/live")).status_code == 200
            ready = await api.client.get("/health/ready")
            assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")

            await own_postgres.start()
            await eventually(lambda: _answers(api), timeout_s=20)
            path = f"/tasks/{claim['task']['id']}"
            assert (await api.post(f"{path}/complete", 200, epoch=1))["status"] == "completed"
            # The stream that was open all the time goes on where it was.
            await eventually(lambda: live.types == ["task.created", "task.claimed", "task.completed"])


async def _refused(api: Api) -> Any:
    async def send() -> Any:
        response = await api.client.post("/tasks", json={"title": "meanwhile"})
        return response if response.status_code == 503 else None

    return await eventually(send)


async def _answers(api: Api) -> bool:
    return (await api.client.get("/health/ready")).status_code == 200


async def test_the_ledger_heals_after_redis_was_killed(
    start_ledger: StartLedger, own_redis: EmbeddedRedis
) -> None:
    redis_url = SecretStr(own_redis.url)
    async with (
        start_ledger(redis_url=redis_url) as first,
        start_ledger(redis_url=redis_url) as second,
        api_for(first, ADMIN_KEY) as api,
        listening(second, READER_KEY, after="0") as live,
    ):
        await api.task("one")
        await eventually(lambda: len(live.events) == 1)
        os.kill(own_redis.pid, signal.SIGKILL)
        await own_redis.wait()
        await api.task("two")
        await eventually(lambda: len(live.events) == 2)
        await own_redis.start()

        async def healed() -> bool:
            return bool((await api.get("/health/ready"))["checks"]["redis"] == "ok")

        await eventually(healed)
        await api.task("three")
        await eventually(
            lambda: [event["payload"]["title"] for event in live.events] == ["one", "two", "three"]
        )


async def test_the_ledger_waits_for_a_database_that_is_not_there_yet(
    start_ledger: StartLedger, tmp_path: Path
) -> None:
    nowhere = SecretStr(f"postgresql://cos@/cos?host={tmp_path}")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(start_ledger(database_url=nowhere).__aenter__(), 1)
