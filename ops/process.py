"""One part as a child process: started, asked whether it is ready, stopped."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ops.embedded import processes
from ops.errors import StartFailed
from ops.logs import LogView, relay

Ready = Callable[[], Awaitable[bool]]


@dataclass
class PartProcess:
    """`start()` again after it ended."""

    name: str
    environment: Callable[[], Mapping[str, str]]
    """Asked at each start: what is embedded has an address only once it runs."""
    home: Path
    ready: Ready
    """Asked again and again; must not raise for a part that is not up yet."""
    view: LogView
    timeout_s: float = 90
    stop_s: float = 2.2
    """How long it may take to stop before it is killed."""
    command: tuple[str, ...] = ()
    """Instead of `cos run <name>`; for tests."""
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)
    _relay: asyncio.Task[None] | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        """Raises RuntimeError before `start()`."""
        return self._running().pid

    @property
    def log(self) -> Path:
        """Where its lines are kept."""
        return self.home / "logs" / f"{self.name}.log"

    async def start(self) -> None:
        """Start it and wait until it says that it is ready.

        Raises:
            StartFailed: it ended, or was not ready in time; its log's tail is in the text.
        """
        # -P: the folder that it runs in is not searched for modules.
        command = self.command or (sys.executable, "-P", "-m", "ops.runner", self.name)
        # It runs in COS_HOME, so that no part reads a `.env` with what is meant for another.
        self._process = await processes.spawn(command, directory=self.home, environment=self.environment())
        assert self._process.stdout is not None  # noqa: S101  # spawned without a log file, so with a pipe
        self._relay = asyncio.create_task(relay(self.name, self._process.stdout, self.log, self.view))
        try:
            await self._wait_until_ready()
        except BaseException:
            await self.stop()
            raise

    async def wait(self) -> int:
        """Until it ends, and the last of its log is kept; its exit code."""
        code = await self._running().wait()
        await self._drain()
        return code

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL; harmless when it does not run."""
        if self._process is not None:
            await processes.stop(self._process, (signal.SIGTERM, self.stop_s))
            await self._drain()

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("not started")
        return self._process

    async def _drain(self) -> None:
        """Let the relay reach the end; a grandchild that keeps the pipe open is not waited for."""
        if self._relay is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._relay, timeout=0.2)

    async def _wait_until_ready(self) -> None:
        process = self._running()
        try:
            async with asyncio.timeout(self.timeout_s):
                while not await self.ready():
                    if process.returncode is not None:
                        await self._drain()
                        raise StartFailed(
                            f"{self.name} ended with code {process.returncode} while it started. "
                            f"Its log ({self.log}) says:\n{processes.tail(self.log)}"
                        )
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise StartFailed(
                f"{self.name} was not ready after {self.timeout_s:.0f} s. "
                f"Its log ({self.log}) says:\n{processes.tail(self.log)}"
            ) from None
