"""A worker on a real ledger, in this process or in one of its own that can be killed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agentops import AgentOpsClient
from agentops.wire import NewTask, Task, TaskId, TaskStatus
from brain.seed.main import serve
from brain.seed.settings import SeedSettings
from tests.waiting import eventually

ENDED = {TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED}

StartSeed = Callable[..., AbstractAsyncContextManager[SeedSettings]]

_PROGRAM = (
    "import asyncio; from brain.seed import main, settings; asyncio.run(main.serve(settings.SeedSettings()))"
)


@pytest.fixture(scope="session")
def seed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One COS_HOME for all workers, so that the list of fonts is made once."""
    return tmp_path_factory.mktemp("seed-home")


@pytest.fixture
def start_seed(ledger_url: str, agent_key: str, seed_home: Path) -> StartSeed:
    """Starts a worker in this process: `async with start_seed(slots=1):`. It is online inside."""

    @asynccontextmanager
    async def start(**changes: Any) -> AsyncIterator[SeedSettings]:
        url = changes.pop("url", ledger_url)
        quick = {"name": "seed-test", "poll_s": 0.5, "lease_s": 10, "heartbeat_s": 2.0, "warm": False}
        settings = seed_settings(url, agent_key, changes.pop("home", seed_home), **(quick | changes))
        serving = asyncio.create_task(serve(settings))
        try:
            await _online(url, agent_key, settings.name, serving)
            yield settings
        finally:
            serving.cancel()
            await asyncio.wait({serving})
        if not serving.cancelled():
            serving.result()

    return start


def seed_settings(url: str, key: str, home: Path, **more: Any) -> SeedSettings:
    """Settings of a worker, whatever this machine's `.env` says."""
    given: dict[str, Any] = {"_env_file": None, "ledger_url": url, "ledger_api_key": key, "home": home}
    return SeedSettings(**(given | more))


@dataclass(frozen=True)
class SeedProcess:
    """A worker in a process of its own."""

    process: asyncio.subprocess.Process
    name: str

    def kill(self) -> None:
        """As the kernel does when memory runs out."""
        self.process.kill()

    async def terminate(self) -> int:
        """As a supervisor does; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()


StartProcess = Callable[..., AbstractAsyncContextManager[SeedProcess]]


@pytest.fixture
def start_seed_process(agent_key: str, seed_home: Path) -> StartProcess:
    """Starts a worker process: `async with start_seed_process(url, "seed-a") as seed:`."""

    @asynccontextmanager
    async def start(url: str, name: str, **variables: str) -> AsyncIterator[SeedProcess]:
        told = {
            "PATH": os.defpath,
            "LEDGER_URL": url,
            "LEDGER_API_KEY": agent_key,
            "COS_HOME": str(seed_home),
            "SEED_NAME": name,
            "SEED_POLL_S": "0.5",
            "SEED_LEASE_S": "2",
            "SEED_HEARTBEAT_S": "0.5",
            "SEED_WARM": "false",
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-c", _PROGRAM),
            cwd=Path(__file__).parents[3],
            env=told | variables,
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            await _online(url, agent_key, name, None)
            yield SeedProcess(process, name)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    return start


async def _online(url: str, key: str, name: str, serving: asyncio.Task[None] | None) -> None:
    async with AgentOpsClient(url, key) as ops:

        async def is_there() -> bool:
            if serving and serving.done():
                serving.result()
            return any(agent.name == name for agent in await ops.list_agents())

        await eventually(is_there, timeout_s=20, every_s=0.05)


async def give_csv(ops: AgentOpsClient, content: bytes, *, name: str = "sales.csv", **task: Any) -> Task:
    """A task to analyse a table."""
    artifact = await ops.upload(name, content, media_type="text/csv")
    given = {"title": f"Analyse {name}", "attachments": [artifact.id], "origin": "main"}
    return await ops.create_task(NewTask(**(given | task)))


async def ended(ops: AgentOpsClient, task_id: TaskId, *, timeout_s: float = 60) -> Task:
    """The task once it is completed, failed or cancelled."""

    async def check() -> Task | None:
        task = await ops.get_task(task_id)
        return task if task.status in ENDED else None

    found = await eventually(check, timeout_s=timeout_s, every_s=0.1)
    assert found is not None
    return found


async def reaches(ops: AgentOpsClient, task_id: TaskId, status: TaskStatus, *, timeout_s: float = 20) -> Task:
    """The task once it stands there."""

    async def check() -> Task | None:
        task = await ops.get_task(task_id)
        assert task.status is status, f"{task.status}: {task.error or task.blocked_reason}"
        return task

    found = await eventually(check, timeout_s=timeout_s, every_s=0.1)
    assert found is not None
    return found
