"""The chief as a process: `POST /chat` over real Redis and ledger, restarts, signals."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentops import AgentOpsClient
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
_PROGRAM = """
import asyncio
from brain.chief import main, settings

asyncio.run(main.serve(settings.ChiefSettings()))
"""


class ChiefProcess:
    """A chief in its own process, and a way to talk with it."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, key: str) -> None:
        self.process = process
        self.http = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=70)

    async def chat(self, message: str, **more: Any) -> httpx.Response:
        headers = more.pop("headers", {})
        return await self.http.post("/chat", json={"message": message, **more}, headers=headers)

    async def ready(self) -> bool:
        try:
            return (await self.http.get("/health/ready")).status_code == 200
        except httpx.TransportError:
            assert self.process.returncode is None, "the chief ended"
            return False


@asynccontextmanager
async def chief_process(environment: dict[str, str], key: str) -> AsyncIterator[ChiefProcess]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        env={**environment, "PATH": os.environ["PATH"]},
        cwd=environment["COS_HOME"],
    )
    chief = ChiefProcess(process, f"http://127.0.0.1:{environment['CHIEF_PORT']}", key)
    try:
        await eventually(chief.ready, timeout_s=60, every_s=0.1)
        yield chief
    finally:
        await chief.http.aclose()
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
def environment(ledger_url: str, redis_url: str, admin_key: str, tmp_path: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "COS_HOME": str(tmp_path),
        "CHIEF_PORT": str(port),
        "LEDGER_URL": ledger_url,
        "LEDGER_API_KEY": admin_key,
        "REDIS_URL": redis_url,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "ledger" / "sdk")]),
    }


async def test_a_script_talks_to_the_chief(
    environment: dict[str, str], admin_key: str, reader_key: str, ops: AgentOpsClient
) -> None:
    async with chief_process(environment, admin_key) as chief:
        said = (await chief.chat("create a task to paint the fence", session_id="s1")).json()
        task = (await ops.list_tasks()).items[0]
        assert said["response"].startswith(f"Created task {task.number}, “Paint the fence”.")
        assert said["actions"] == [{"type": "task.created", "entity_id": task.id, "title": "Paint the fence"}]

        once = {"Idempotency-Key": "k-1"}
        first = await chief.chat("create a task to buy paint", session_id="s1", headers=once)
        again = await chief.chat("create a task to buy paint", session_id="s1", headers=once)
        assert first.json() == again.json()
        assert len((await ops.list_tasks()).items) == 2

        await _refusals(chief, reader_key)
        assert len((await ops.list_tasks()).items) == 2

        chief.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(chief.process.wait(), 20) == 0


async def _refusals(chief: ChiefProcess, reader_key: str) -> None:
    """Each bad request gets a clear problem."""
    wrong = {"Authorization": "Bearer nonsense"}
    reader = {"Authorization": f"Bearer {reader_key}"}
    cases = [
        (await chief.chat("  \n "), 400, "empty_message"),
        (await chief.chat("x" * 100_001), 413, "too_large"),
        (await chief.chat("x" * 1_200_000), 413, "too_large"),
        (await chief.chat("hi", mood="good"), 400, "validation_failed"),
        (await chief.chat("hi", session_id="../etc"), 400, "validation_failed"),
        (await chief.http.post("/chat", content=b"{", headers={"content-type": "application/json"}), 400,
         "validation_failed"),
        (await chief.chat("hi", headers=wrong), 401, "unauthenticated"),
        (await chief.chat("hi", headers=reader), 403, "forbidden"),
        (await chief.http.get("/nowhere"), 404, "not_found"),
        (await chief.http.get("/chat"), 405, "method_not_allowed"),
    ]  # fmt: skip
    for response, status, code in cases:
        assert response.headers["content-type"] == "application/problem+json"
        assert (response.status_code, response.json()["code"]) == (status, code), response.text
        assert response.json()["detail"]


@pytest.mark.long
async def test_a_killed_chief_s_turn_is_answered_by_the_next_one_once(
    environment: dict[str, str], admin_key: str, ops: AgentOpsClient
) -> None:
    once = {"Idempotency-Key": "k-1"}
    text = "create a task to paint the fence @garden"
    async with chief_process(environment, admin_key) as chief:
        asking = asyncio.create_task(chief.chat(text, headers=once))

        async def project_is_there() -> bool:
            return bool(await ops.list_projects())

        await eventually(project_is_there, every_s=0.001)
        chief.process.kill()
        with pytest.raises(httpx.TransportError):
            await asking

    async with chief_process(environment, admin_key) as chief:
        answer = await chief.chat(text, headers=once)

    assert answer.status_code == 200
    assert "Paint the fence" in answer.json()["response"]
    assert [task.title for task in (await ops.list_tasks()).items] == ["Paint the fence"]
    assert [project.name for project in await ops.list_projects()] == ["garden"]


async def test_a_wrong_model_stops_it_with_advice(environment: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROGRAM,
        env={**environment, "PATH": os.environ["PATH"], "COS_MODEL": "grok:4"},
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await asyncio.wait_for(process.communicate(), 100)
    assert process.returncode == 1
    assert b"COS_MODEL names an unknown provider, 'grok'" in said
