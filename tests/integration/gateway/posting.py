"""A running gateway and a person at it, over real HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from agentops import AgentOpsClient
from agentops.wire import ClaimNextRequest, Complete, NewAgent, NewTask, Task
from gateway.settings import GatewaySettings


@dataclass(frozen=True)
class Heard:
    """One server-sent event."""

    event: str
    id: str | None
    data: dict[str, Any]


def gateway_settings(redis_url: str, ledger_url: str, key: str) -> GatewaySettings:
    """A gateway on a free port, for files of up to 1 MB."""
    return GatewaySettings.model_validate(
        {
            "redis_url": redis_url,
            "ledger_url": ledger_url,
            "ledger_api_key": key,
            "port": 0,
            "max_upload_mb": 1,
        }
    )


@asynccontextmanager
async def events(
    web: httpx.AsyncClient, session: str = "main", *, last_id: str | None = None
) -> AsyncIterator[AsyncIterator[Heard]]:
    """Hear a session; entered once the gateway has answered."""
    headers = {"Last-Event-ID": last_id} if last_id else {}
    async with web.stream("GET", f"/api/v1/sessions/{session}/stream", headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield _events(response)


async def _events(response: httpx.Response) -> AsyncIterator[Heard]:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            yield Heard(event=fields["event"], id=fields.get("id"), data=json.loads(fields["data"]))
            fields = {}


async def work_done(ops: AgentOpsClient, task: Task, **result: Any) -> None:
    """Claim and complete a task as a worker would."""
    await ops.register_agent(NewAgent(name="worker"))
    [claim] = await ops.claim_next(ClaimNextRequest(agent="worker"))
    assert claim.task.id == task.id
    await ops.complete(task.id, Complete(epoch=claim.epoch, result=result))


async def a_task(
    ops: AgentOpsClient, title: str = "Analyse sales.csv", *, origin: str | None = "main"
) -> Task:
    return await ops.create_task(NewTask(title=title, origin=origin))
