"""A panel as its own process, as it runs in production."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from agentops import AgentOpsClient
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 90
_RUN = """
import asyncio
from ui.main import serve
from ui.settings import UiSettings
asyncio.run(serve(UiSettings()))
"""


@dataclass
class PanelProcess:
    """A running panel and the ledger that it shows."""

    url: str
    process: asyncio.subprocess.Process
    ops: AgentOpsClient

    async def login_url(self) -> str:
        """A fresh one-time link."""
        login = await self.ops.create_login()
        return f"{self.url}/login?token={login.token}"

    async def stop(self) -> float:
        """Ask it to end; the seconds that it took."""
        loop = asyncio.get_running_loop()
        asked = loop.time()
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(self.process.wait(), 10)
        return loop.time() - asked


@asynccontextmanager
async def running_panel(
    *, home: Path, port: int, ops: AgentOpsClient, ledger_url: str, gateway_url: str, reader_key: str
) -> AsyncIterator[PanelProcess]:
    """A panel that answers."""
    env = os.environ | {
        "COS_HOME": str(home),
        "UI_PORT": str(port),
        "LEDGER_URL": ledger_url,
        "LEDGER_API_KEY": reader_key,
        "GATEWAY_URL": gateway_url,
        "GATEWAY_MAX_UPLOAD_MB": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "ledger" / "sdk")]),
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _RUN, env=env, cwd=home)
    panel = PanelProcess(f"http://127.0.0.1:{port}", process, ops)
    try:
        await _answers(panel)
        yield panel
    finally:
        await panel.stop()


async def _answers(panel: PanelProcess) -> None:
    async with httpx.AsyncClient() as client:

        async def ready() -> bool:
            assert panel.process.returncode is None, "the panel ended"
            try:
                return (await client.get(f"{panel.url}/health/ready")).status_code == 200
            except httpx.TransportError:
                return False

        await eventually(ready, READY_WITHIN_S)
