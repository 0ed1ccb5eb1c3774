"""Redis (or Valkey) as a child process: append-only file in `COS_HOME/redis`, one private unix socket."""

import asyncio
import os
import signal
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from ops.embedded import binaries, places, processes
from ops.errors import StartFailed

_NAMES = frozenset({"redis-server", "valkey-server"})


class EmbeddedRedis:
    """One server over one data directory. Restarting it after a crash is `start()` again.

    Every write is on disk before it is acknowledged (`appendfsync always`).
    """

    name = "redis"

    def __init__(self, home: Path, *, start_timeout_s: float = 60):
        """Nothing is touched before `start()`.

        Args:
            home: COS_HOME.
            start_timeout_s: Longest wait until its data is loaded.
        """
        self._home = home.absolute()
        self._data = self._home / "redis"
        self._log = self._home / "logs" / "redis.log"
        self._start_timeout_s = start_timeout_s
        self._process: asyncio.subprocess.Process | None = None
        self._socket = Path()

    @property
    def pid(self) -> int:
        """Of the server; raises RuntimeError before `start()`."""
        return self._running().pid

    @property
    def url(self) -> str:
        """As redis-py takes it."""
        return f"unix://{self._socket}"

    async def __aenter__(self) -> Self:
        """Start and wait for readiness."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; what was acknowledged is on disk."""
        await self.stop()

    def attach(self) -> Self:
        """Take the address of the server that runs over this home already, which another process started."""
        self._socket = places.socket_directory(self._home) / "redis.sock"
        return self

    async def start(self) -> None:
        """Clear what an earlier server left, start, wait until its data is loaded.

        Raises:
            ProgramMissing: no Redis and no Valkey.
            DataUnusable: the data belongs to another user.
            StartFailed: it ended, or was not ready in time; its log's tail is in the text.
        """
        places.private_directory(self._home)
        places.private_directory(self._log.parent)
        places.private_directory(self._data)
        server = binaries.find_redis()
        await processes.clear(self._left_overs, lambda _: signal.SIGTERM)
        self._socket = places.socket_directory(self._home) / "redis.sock"
        self._socket.unlink(missing_ok=True)
        self._process = await processes.spawn(
            [server, *self._options()],
            directory=self._data,
            log=self._log,
            environment={"LC_ALL": "C", "PATH": os.defpath},
        )
        try:
            await self._wait_until_ready()
        except BaseException:
            await self.stop()
            raise

    async def wait(self) -> int:
        """Until the server ends, for whatever reason; its exit code."""
        return await self._running().wait()

    async def stop(self) -> None:
        """Stop; harmless when not running."""
        if self._process is not None:
            await processes.stop(self._process, (signal.SIGTERM, 1.5))

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("not started")
        return self._process

    def _options(self) -> list[str]:
        options = {
            "--port": "0",
            "--unixsocket": str(self._socket),
            "--unixsocketperm": "700",
            # Relative to where it is started: a path with blanks would have to be quoted.
            "--dir": "./",
            "--appendonly": "yes",
            "--appendfsync": "always",
            "--save": "",
            "--daemonize": "no",
            "--loglevel": "notice",
        }
        return [word for option in options.items() for word in option]

    def _left_overs(self) -> list[psutil.Process]:
        return processes.find(_NAMES, lambda process: Path(process.cwd()) == self._data.resolve())

    async def _wait_until_ready(self) -> None:
        try:
            async with asyncio.timeout(self._start_timeout_s):
                while not await self._answers():
                    if self._running().returncode is not None:
                        raise StartFailed(f"Redis did not start:\n{processes.tail(self._log)}")
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise StartFailed(
                f"Redis was not ready after {self._start_timeout_s:.0f} s:\n{processes.tail(self._log)}"
            ) from None

    async def _answers(self) -> bool:
        """PING by hand: the client library would make up half of the supervisor's start."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            # While it loads its data, it answers -LOADING.
            return await reader.readline() == b"+PONG\r\n"
        except OSError:
            return False
        finally:
            writer.close()
