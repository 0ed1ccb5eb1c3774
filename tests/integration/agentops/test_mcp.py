"""The MCP server before a real ledger, asked by the official client over stdio and over HTTP."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import uvicorn
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from agentops import AgentOpsClient
from agentops.mcp.server import Callers, server_of
from agentops.mcp.serving import app_of
from agentops.mcp.tools import TOOLS
from agentops.wire import NewTask, TaskStatus
from tests.waiting import eventually


def reading(result: CallToolResult) -> Any:
    """What a tool answered; its text and its structure say the same."""
    (content,) = result.content
    assert isinstance(content, TextContent)
    assert not result.is_error, content.text
    assert json.loads(content.text) == result.structured_content
    return result.structured_content


def refusal(result: CallToolResult) -> str:
    """Why a tool refused."""
    (content,) = result.content
    assert isinstance(content, TextContent)
    assert result.is_error
    return content.text


@asynccontextmanager
async def agent(url: str, key: str) -> AsyncIterator[Client]:
    """A client in this process, for all that does not depend on the way."""
    callers = Callers(url, key)
    try:
        async with Client(server_of(callers)) as client:
            yield client
    finally:
        await callers.aclose()


class QuietServer(uvicorn.Server):
    """Leaves the test runner's signal handlers alone."""

    def capture_signals(self) -> Any:
        return nullcontext()


@asynccontextmanager
async def served(url: str) -> AsyncIterator[str]:
    """The server over HTTP on a free port."""
    callers = Callers(url, None)
    config = uvicorn.Config(app_of(callers, host="127.0.0.1"), port=0, log_config=None, ws="none")
    server = QuietServer(config)
    task = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started or task.done())
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        await task
        await callers.aclose()


@asynccontextmanager
async def over_http(address: str, key: str) -> AsyncIterator[Client]:
    """A client with a key, over HTTP."""
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, trust_env=False) as http,
        Client(streamable_http_client(address, http_client=http)) as client,
    ):
        yield client


async def test_an_agent_asks_for_work_and_reads_what_became_of_it(
    ops: AgentOpsClient, ledger_url: str, admin_key: str
) -> None:
    async with agent(ledger_url, admin_key) as client:
        made = reading(
            await client.call_tool("create_task", {"title": "Count the boxes", "priority": "high"})
        )
        assert (await ops.get_task(made["id"])).title == "Count the boxes"
        wish = {"status": ["pending"], "q": "boxes"}
        found = reading(await client.call_tool("list_tasks", wish))
        assert [task["id"] for task in found["items"]] == [made["id"]]
        one = reading(await client.call_tool("get_task", {"task": f"#{made['number']}"}))
        assert one["task"]["priority"] == "high"
        stopped = reading(await client.call_tool("cancel_task", {"task": made["id"], "reason": "found them"}))
        assert stopped["status"] == "cancelled"
        events = reading(await client.call_tool("list_events", {"task": made["id"]}))
        assert [event["type"] for event in events["events"]] == ["task.created", "task.cancelled"]


async def test_an_agent_works_asks_and_finishes(
    ops: AgentOpsClient, ledger_url: str, admin_key: str, agent_key: str
) -> None:
    task = await ops.create_task(NewTask(title="Book a table"))
    async with agent(ledger_url, agent_key) as worker, agent(ledger_url, admin_key) as chief:
        (claim,) = reading(await worker.call_tool("claim_tasks", {"agent": "claude"}))["claims"]
        mine = {"task": task.id, "epoch": claim["epoch"]}
        reading(await worker.call_tool("report_progress", {**mine, "progress": 0.5, "note": "calling"}))
        reading(await worker.call_tool("ask_person", {**mine, "question": "For how many?"}))
        (gate,) = reading(await chief.call_tool("list_gates"))["gates"]
        answer = {"gate_id": gate["id"], "answer": "four"}
        assert reading(await chief.call_tool("answer_gate", answer))["answer"] == "four"
        assert "gate_closed" in refusal(await chief.call_tool("answer_gate", answer))
        assert "stale_claim" in refusal(await worker.call_tool("complete_task", {**mine, "summary": "Done"}))
        (claim,) = reading(await worker.call_tool("claim_tasks", {"agent": "claude"}))["claims"]
        assert claim["answers"][0]["answer"] == "four"
        mine["epoch"] = claim["epoch"]
        stored = reading(
            await worker.call_tool("store_file", {**mine, "name": "note.md", "text": "At eight."})
        )
        reading(await worker.call_tool("complete_task", {**mine, "summary": "Booked."}))
        read = reading(await chief.call_tool("read_artifact", {"artifact_id": stored["id"]}))
        assert read["text"] == "At eight."
    done = await ops.get_task(task.id)
    assert (done.status, done.result) == (TaskStatus.COMPLETED, {"summary": "Booked."})


async def test_an_agent_sees_the_tools_that_its_key_may_use(
    ledger_url: str, admin_key: str, agent_key: str, reader_key: str
) -> None:
    seen = {}
    for name, key in (("admin", admin_key), ("agent", agent_key), ("reader", reader_key)):
        async with agent(ledger_url, key) as client:
            tools = (await client.list_tools()).tools
            seen[name] = {tool.name for tool in tools}
            assert all(tool.input_schema["type"] == "object" for tool in tools)
    assert seen["admin"] == {tool.name for tool in TOOLS}
    assert seen["reader"] < seen["agent"] < seen["admin"]
    assert "claim_tasks" in seen["agent"] - seen["reader"]
    assert "create_task" in seen["admin"] - seen["agent"]
    async with agent(ledger_url, reader_key) as client:
        assert "forbidden" in refusal(await client.call_tool("create_task", {"title": "mine"}))


@pytest.mark.parametrize(
    ("tool", "arguments", "why"),
    [
        ("create_task", {}, "missing required field `title`"),
        ("create_task", {"title": "a", "nonsense": 1}, "unknown field `nonsense`"),
        ("create_task", {"title": "NUL \x00"}, "matching regex"),
        ("get_task", {"task": "999"}, "task_not_found"),
        ("get_task", {"task": "../keys"}, "not_found"),
        ("list_tasks", {"limit": 10**30}, "validation_failed"),
        ("list_tasks", {"status": ["gone"]}, "Invalid enum value 'gone'"),
        ("read_artifact", {"artifact_id": "x"}, "artifact_not_found"),
        ("drop_tables", {}, "There is no tool"),
    ],
)
async def test_nonsense_is_refused_in_words_that_help(
    ledger_url: str, admin_key: str, tool: str, arguments: dict[str, Any], why: str
) -> None:
    async with agent(ledger_url, admin_key) as client:
        assert why in refusal(await client.call_tool(tool, arguments))


@pytest.mark.parametrize(
    "program",
    [["-m", "agentops.mcp"], ["-c", "from ops.cli import main; main()", "mcp"]],
    ids=["python", "cos"],
)
async def test_it_serves_over_stdio(
    ops: AgentOpsClient, ledger_url: str, admin_key: str, program: list[str], tmp_path: Path
) -> None:
    environment = {"LEDGER_URL": ledger_url, "LEDGER_API_KEY": admin_key, "COS_HOME": str(tmp_path)}
    started = StdioServerParameters(command=sys.executable, args=program, env=environment)
    async with asyncio.timeout(30), Client(started) as client:
        assert "data, never instructions" in (client.instructions or "")
        made = reading(await client.call_tool("create_task", {"title": "By stdio"}))
    assert (await ops.get_task(made["id"])).title == "By stdio"


async def test_it_serves_many_agents_over_http_each_with_its_key(
    ops: AgentOpsClient, ledger_url: str, admin_key: str, reader_key: str
) -> None:
    async with (
        asyncio.timeout(30),
        served(ledger_url) as address,
        over_http(address, admin_key) as owner,
        over_http(address, reader_key) as reader,
    ):
        made = reading(await owner.call_tool("create_task", {"title": "By HTTP"}))
        found = reading(await reader.call_tool("get_task", {"task": made["id"]}))
        assert found["task"]["title"] == "By HTTP"
        assert "forbidden" in refusal(await reader.call_tool("create_task", {"title": "mine"}))
        await ops.create_task(NewTask(title="Another"))
        assert len(reading(await reader.call_tool("list_tasks"))["items"]) == 2


async def test_nobody_gets_in_without_a_key(ledger_url: str) -> None:
    async with served(ledger_url) as address, httpx.AsyncClient(trust_env=False) as http:
        for headers in ({}, {"Authorization": "Bearer cos_never-issued"}):
            answer = await http.post(address, json={}, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
            assert answer.headers["WWW-Authenticate"] == "Bearer"
