"""Where everything is measured: one embedded PostgreSQL that really writes, one Redis, the ledger beside."""

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import psutil

from ops.bench.lane import Lane
from ops.embedded import processes
from ops.embedded.postgres import SUPERUSER, EmbeddedPostgres
from ops.embedded.redis import EmbeddedRedis
from ops.errors import StartFailed

DURABLE = {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on", "max_wal_size": "2GB"}
HOST = "127.0.0.1"
POLL_S = 0.02
START_TRIES = 3_000


@dataclass
class LedgerProcess:
    """A ledger as `cos run ledger` makes it. `start()` again after `kill()`."""

    home: Path
    dsn: str
    redis_url: str | None
    extra: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_port())
    admin_key: str = field(default_factory=lambda: "cos_" + secrets.token_urlsafe(32))
    agent_key: str = field(default_factory=lambda: "cos_" + secrets.token_urlsafe(32))
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)

    @property
    def address(self) -> tuple[str, int]:
        return HOST, self.port

    @property
    def pid(self) -> int:
        """Raises RuntimeError before `start()`."""
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    def cpu_s(self) -> float:
        """Seconds of CPU that it has used."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    async def start(self) -> None:
        """Starts it and waits until it is ready.

        Raises:
            StartFailed: it ended, or did not get ready.
        """
        log = self.home / "logs" / "ledger.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        self._process = await processes.spawn(
            (sys.executable, "-P", "-m", "ops.runner", "ledger"),
            directory=self.home,
            environment=self._environment(),
            log=log,
        )
        if not await self._ready():
            await self.stop()
            raise StartFailed(f"The ledger did not start:\n{processes.tail(log)}")

    async def kill(self) -> None:
        """SIGKILL: what it held in memory is gone."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL if need be."""
        if self._process is not None:
            await processes.stop(self._process, (signal.SIGTERM, 5.0))

    def _environment(self) -> dict[str, str]:
        told = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        own = {
            "DATABASE_URL": self.dsn,
            "LEDGER_PORT": str(self.port),
            "COS_HOME": str(self.home),
            "LOG_LEVEL": "warning",
            "LEDGER_BOOTSTRAP_ADMIN_KEY": self.admin_key,
            "LEDGER_BOOTSTRAP_AGENT_KEY": self.agent_key,
        }
        redis = {"REDIS_URL": self.redis_url} if self.redis_url else {}
        return {**told, **own, **redis, **self.extra}

    async def _ready(self) -> bool:
        lane = Lane(*self.address, self.admin_key)
        for _ in range(START_TRIES):
            if self._process is None or self._process.returncode is not None:
                return False
            try:
                await lane.open()
                await lane.get("/health/ready")
            except Exception:  # not up yet, in whatever way
                await _pause()
            else:
                return True
            finally:
                await lane.close()
        return False


async def _pause() -> None:
    await asyncio.sleep(POLL_S)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Stage:
    """The servers of one run."""

    home: Path
    postgres: EmbeddedPostgres
    redis: EmbeddedRedis

    async def database(self, name: str) -> str:
        """A fresh database; its DSN."""
        connection = await asyncpg.connect(self.postgres.dsn_of("postgres", role=SUPERUSER))
        try:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await connection.execute(f"CREATE DATABASE {name} OWNER cos")
        finally:
            await connection.close()
        return self.postgres.dsn_of(name)

    async def versions(self) -> dict[str, str]:
        """What it runs on, and that it is set to write."""
        connection = await asyncpg.connect(self.postgres.dsn)
        try:
            names = ("server_version", "synchronous_commit", "fsync", "shared_buffers")
            return {name: str(await connection.fetchval(f"SHOW {name}")) for name in names}
        finally:
            await connection.close()

    @asynccontextmanager
    async def ledger(self, dsn: str, **extra: str) -> AsyncIterator[LedgerProcess]:
        """A ledger over `dsn`, stopped at the end."""
        process = LedgerProcess(self.home, dsn, self.redis.url, extra)
        await process.start()
        try:
            yield process
        finally:
            await process.stop()


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[Stage]:
    """The servers over `home`, with every promise of durability on."""
    async with EmbeddedPostgres(home, settings=DURABLE) as postgres, EmbeddedRedis(home) as redis:
        yield Stage(home, postgres, redis)
