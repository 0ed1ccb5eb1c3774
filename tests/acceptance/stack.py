"""The whole system as a newcomer starts it, for tests that treat it as one thing."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from agentops import AgentOpsClient
from ops.runstate import Home
from tests.ports import free_base_port
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 90
COS = str(Path(sys.executable).with_name("cos"))


@dataclass
class Stack:
    """A running `cos up --json`, and what it said when it was ready."""

    process: asyncio.subprocess.Process
    home: Path
    base_port: int
    panel: str
    login_url: str
    ledger: str
    chief: str
    gateway: str
    admin_key: str
    agent_key: str
    reader_key: str
    pids: dict[str, int]

    def ops(self, key: str | None = None) -> AgentOpsClient:
        """A client of its ledger."""
        return AgentOpsClient(url=self.ledger, api_key=key or self.admin_key, timeout_s=30)

    def pids_now(self) -> dict[str, int]:
        """The process of each part as of now; parts that died have new ones."""
        state = Home(self.home).read()
        assert state is not None
        return {name: running.pid for name, running in state.parts.items()}

    def kill(self, part: str) -> int:
        """`kill -9` one part; its former pid."""
        pid = self.pids_now()[part]
        os.kill(pid, signal.SIGKILL)
        return pid

    async def back(self, part: str, former: int) -> None:
        """Wait until the part runs again as another process."""
        await eventually(lambda: self.pids_now().get(part, former) != former, timeout_s=30)

    async def cos(self, *arguments: str) -> str:
        """What `cos …` prints for this home. Raises AssertionError on a failure."""
        process = await asyncio.create_subprocess_exec(
            COS, *arguments, "--home", str(self.home),
            cwd=self.home, env=clean_environment(),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()

    async def chat(self, session: str, message: str) -> httpx.Response:
        """One `POST /chat` on the chief."""
        async with httpx.AsyncClient(base_url=self.chief, timeout=60) as http:
            return await http.post(
                "/chat",
                json={"message": message, "session_id": session},
                headers={"Authorization": f"Bearer {self.admin_key}"},
            )

    @classmethod
    def parse(cls, process: asyncio.subprocess.Process, home: Path, base_port: int, line: str) -> Self:
        """From the one line that `cos up --json` prints."""
        said: dict[str, Any] = json.loads(line)
        names = (
            "panel",
            "login_url",
            "ledger",
            "chief",
            "gateway",
            "admin_key",
            "agent_key",
            "reader_key",
            "pids",
        )
        return cls(process=process, home=home, base_port=base_port, **{name: said[name] for name in names})


def clean_environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of someone with no account and no key; no folder with a `.env` is entered either."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "COS_MODEL": "offline", **(settings or {})}


@asynccontextmanager
async def running(home: Path, settings: Mapping[str, str] | None = None) -> AsyncIterator[Stack]:
    """Start everything, wait until it is ready, stop it with SIGTERM."""
    base_port = free_base_port()
    log = home.parent / f"{home.name}.log"
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            COS, "up", "--json", "--home", str(home), "--base-port", str(base_port),
            cwd=home.parent, env=clean_environment(settings), stdout=asyncio.subprocess.PIPE, stderr=stderr,
        )  # fmt: skip
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), READY_WITHIN_S)
        assert line, f"cos up ended with {await process.wait()}:\n{log.read_text()[-4000:]}"
        yield Stack.parse(process, home, base_port, line.decode())
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 30)
