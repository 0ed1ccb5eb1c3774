"""A command that runs in a box: its limits, its folder, its end. Shared by both kinds of box."""

import asyncio
import os
import resource
import secrets
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from brain.seed.sandbox.errors import SandboxUnavailable
from brain.seed.sandbox.files import Freight, load, unload
from brain.seed.sandbox.limits import Limits

_SPARE_ADDRESSES = 6 << 30
"""Allocators reserve far more addresses than they use; shared memory is only caught by this limit."""
_OPEN_FILES = 256


@dataclass(frozen=True)
class Order:
    """What is to be run, and where its files are."""

    command: Sequence[str]
    workspace: Path
    environment: Mapping[str, str]
    limits: Limits
    door: Path | None = None
    """The socket of a proxy, the only way out; None: there is none."""


class Box:
    """A started command.

    Args:
        process: What was started; its three standard streams are pipes.
        limits: How many files it may leave.
        freight: What was or will be loaded.
        in_memory: Whether the folder is a file system of its own.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, limits: Limits, freight: Freight, *, in_memory: bool
    ) -> None:
        self.process = process
        self.in_memory = in_memory
        self.folder: int | None = None
        self._limits = limits
        self._freight = freight
        self._held: int | None = None

    def hold(self, pid: int) -> None:
        """Remembers the first process inside; with it everything ends. A quick one may be gone already."""
        with suppress(ProcessLookupError):
            self._held = os.pidfd_open(pid)

    async def ended(self) -> None:
        """Waits for the first process inside; what it left behind may still hold the pipes open."""
        if self._held is None:
            await self.process.wait()
            return
        loop = asyncio.get_running_loop()
        gone = asyncio.Event()
        loop.add_reader(self._held, gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(self._held)

    def load(self, workspace: Path) -> None:
        """Brings the files in.

        Raises:
            BoxBroken: they do not fit.
        """
        if self.folder is not None:
            load(workspace, self.folder, self._freight)

    def unload(self, workspace: Path) -> list[str]:
        """Takes the files over once nothing runs any more; returns what was refused."""
        if self.folder is None:
            return []
        return unload(
            self.folder,
            workspace,
            self._freight,
            most_files=self._limits.files,
            most_bytes=self._limits.disk_mb << 20,
        )

    async def kill(self) -> None:
        """Ends everything inside, and waits until it is gone."""
        if self._held is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._held, signal.SIGKILL)
        elif self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.kill()
        await self.process.wait()

    async def close(self) -> None:
        """Ends what still runs, and forgets the folder."""
        await self.kill()
        for descriptor in (self._held, self.folder):
            if descriptor is not None:
                os.close(descriptor)
        self._held = self.folder = None


def cap(pid: int, limits: Limits) -> None:
    """Limits a process and all that it will start."""
    for what, most in caps(limits).items():
        resource.prlimit(pid, what, (most, most))


def caps(limits: Limits) -> dict[int, int]:
    """The kernel's limits: for each process, but for the number of processes."""
    memory = limits.memory_mb << 20
    return {
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_AS: memory + _SPARE_ADDRESSES,
        resource.RLIMIT_CPU: limits.cpu_s,
        resource.RLIMIT_FSIZE: limits.disk_mb << 20,
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }


def become_nobody() -> int:
    """A user's number that no one on this machine has, another one for each box.

    Raises:
        SandboxUnavailable: this process may only use a few users, and all may be taken.
    """
    first, length = _last_users()
    if length < 20_000:
        raise SandboxUnavailable("The sandbox needs users to become, and this container maps too few")
    spare = min(length // 4, 1 << 20)
    return first + length - spare - 1_000 + secrets.randbelow(spare)


def _last_users() -> tuple[int, int]:
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    first, _, length = max((tuple(map(int, line.split())) for line in lines), key=lambda line: line[0])
    return first, min(length, 1 << 31)
