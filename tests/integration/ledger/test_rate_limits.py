"""What a key that asks too often gets, over HTTP and through the SDK."""

import asyncio

import httpx
import pytest

from agentops import AgentOpsClient, errors
from agentops.retry import RetryPolicy
from tests.integration.ledger.api import api_for
from tests.ledger_fixtures import StartLedger


async def _statuses(url: str, key: str, times: int) -> list[int]:
    async with api_for(url, key) as api:
        return [(await api.client.get("/projects")).status_code for _ in range(times)]


async def test_a_key_that_asks_too_often_is_told_when_to_come_back(
    start_ledger: StartLedger, admin_key: str, reader_key: str
) -> None:
    async with start_ledger(ledger_rate_per_s=0.01, ledger_rate_burst=5) as url:
        assert await _statuses(url, admin_key, 7) == [200] * 5 + [429] * 2
        async with api_for(url, admin_key) as api:
            refused = await api.client.get("/projects")
        assert (refused.json()["code"], refused.headers["content-type"]) == (
            "rate_limited", "application/problem+json",
        )  # fmt: skip
        assert 90 < int(refused.headers["retry-after"]) <= 101
        assert await _statuses(url, reader_key, 2) == [200, 200], "each key has its own bucket"
        async with httpx.AsyncClient(trust_env=False) as anyone:
            for _ in range(20):
                assert (await anyone.get(f"{url}/health/live")).status_code == 200
        async with AgentOpsClient(url, admin_key, retry=RetryPolicy(tries=1)) as ops:
            with pytest.raises(errors.RateLimited) as limited:
                await ops.list_projects()
            assert (limited.value.retry_after_s or 0) > 90


async def test_two_ledgers_share_one_limit(start_ledger: StartLedger, admin_key: str) -> None:
    limit = {"ledger_rate_per_s": 0.01, "ledger_rate_burst": 10}
    async with start_ledger(**limit) as one, start_ledger(**limit) as two:
        answers = await asyncio.gather(*(_statuses(url, admin_key, 12) for url in (one, two)))
    assert (answers[0] + answers[1]).count(200) == 10


async def test_the_client_waits_and_gets_through(start_ledger: StartLedger, admin_key: str) -> None:
    async with (
        start_ledger(ledger_rate_per_s=5, ledger_rate_burst=2) as url,
        AgentOpsClient(url, admin_key) as ops,
    ):
        for _ in range(4):
            assert await ops.list_projects() == []
