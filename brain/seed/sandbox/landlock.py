"""Boxes without namespaces: Landlock, a filter of system calls, and the kernel's limits.

For machines whose administrators forbid user namespaces. What differs from bubblewrap: the workspace is a
folder on disk, so its size is watched rather than fixed; there are no sockets at all and no /proc; a process
group cannot be left, so that all of it can be killed; and the number of processes counts this user's others.
"""

import asyncio
import ctypes
import marshal
import os
import resource
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil

from brain.seed.sandbox import confine, seccomp
from brain.seed.sandbox.box import Box, Order, become_nobody, caps
from brain.seed.sandbox.errors import BoxBroken, SandboxUnavailable
from brain.seed.sandbox.files import Freight, load

_ASK_FOR_VERSION = (444, None, 0, 1)
_OLDEST, _SCOPES_SIGNALS = 3, 6
_READABLE = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/localtime")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/full")
_WHICH_PREFIXES = "import sys; print(sys.base_prefix, sys.prefix, sep='\\n')"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What `confine` is told."""

    command: tuple[str, ...]
    environment: dict[str, str]
    folder: str
    read: list[str]
    write: list[str]
    user: int | None
    limits: tuple[tuple[int, int], ...]
    abi: int
    seccomp: bytes


class _LandlockBox(Box):
    """A box whose folder is removed in the end."""

    def __init__(
        self, process: asyncio.subprocess.Process, order: Order, freight: Freight, scratch: Path
    ) -> None:
        super().__init__(process, order.limits, freight, in_memory=False)
        self.folder = os.open(scratch, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._scratch = scratch
        self.hold(process.pid)

    async def kill(self) -> None:
        """Ends the process group, which cannot be left."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()

    async def close(self) -> None:
        """Ends what still runs, and removes the folder."""
        await super().close()
        await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)


@dataclass(frozen=True)
class Landlock:
    """Makes boxes.

    Attributes:
        python: The interpreter that commands name.
        prefixes: Where it and its libraries are.
        abi: The kernel's version of Landlock.
    """

    python: str
    prefixes: tuple[str, ...]
    abi: int
    kind: str = "landlock"

    @classmethod
    async def find(cls, python: str = sys.executable) -> "Landlock":
        """What the kernel has, looked at but not tried.

        Raises:
            SandboxUnavailable: it is missing or too old.
        """
        if sys.platform != "linux":
            raise SandboxUnavailable("this system is not Linux")
        abi = ctypes.CDLL(None, use_errno=True).syscall(*_ASK_FOR_VERSION)
        if abi < _OLDEST:
            raise SandboxUnavailable("the kernel has no Landlock, or one older than Linux 6.2's")
        process = await asyncio.create_subprocess_exec(
            *(python, "-I", "-c", _WHICH_PREFIXES), stdout=asyncio.subprocess.PIPE, env={}
        )
        told, _ = await process.communicate()
        return cls(python, tuple(dict.fromkeys(told.decode().split("\n")[:2])), abi)

    async def start(self, order: Order) -> Box:
        """Starts a command that confines itself before its first step.

        Raises:
            BoxBroken: the workspace does not fit, or hosts were granted: a command that shares the machine's
                network could reach others too.
        """
        if order.door is not None:
            raise BoxBroken("Hosts can be granted in bubblewrap's sandbox only, and this machine has none.")
        freight = Freight(become_nobody() if os.geteuid() == 0 else None)
        scratch = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="cos-box-"))
        try:
            await asyncio.to_thread(_furnish, order.workspace, scratch, freight)
            process = await asyncio.create_subprocess_exec(
                *(self.python, "-I", "-S", confine.__file__, self._plan(order, scratch, freight.owner)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={},
                start_new_session=True,
            )
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise
        return _LandlockBox(process, order, freight, scratch)

    def _plan(self, order: Order, scratch: Path, user: int | None) -> str:
        folder = str(scratch)
        others = 0 if user is not None else _processes_of(os.getuid())
        limits = caps(order.limits)
        limits[resource.RLIMIT_NPROC] += others
        plan = Plan(
            command=tuple(order.command),
            environment={"HOME": folder, "TMPDIR": folder, "PWD": folder} | dict(order.environment),
            folder=folder,
            read=[*_READABLE, *self.prefixes],
            write=[folder, *_DEVICES],
            user=user,
            limits=tuple(limits.items()),
            abi=self.abi,
            seccomp=seccomp.unnamespaced(signals_scoped=self.abi >= _SCOPES_SIGNALS),
        )
        return marshal.dumps(msgspec.structs.asdict(plan), 2).hex()


def _furnish(workspace: Path, scratch: Path, freight: Freight) -> None:
    folder = os.open(scratch, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        load(workspace, folder, freight)
        if freight.owner is not None:
            os.fchown(folder, freight.owner, freight.owner)
    finally:
        os.close(folder)


def _processes_of(user: int) -> int:
    """How many this user has already; the kernel counts threads, and them too."""
    count = 0
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.uids().real == user:
                count += process.num_threads()
    return count
