"""One door to whatever sandbox the machine offers."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import structlog

from brain.seed.sandbox import metrics
from brain.seed.sandbox.box import Box, Order
from brain.seed.sandbox.bubblewrap import Bubblewrap
from brain.seed.sandbox.errors import BoxBroken, SandboxUnavailable
from brain.seed.sandbox.landlock import Landlock
from brain.seed.sandbox.limits import Limits, Ran, Stopped
from brain.seed.sandbox.watching import read, watch

log = structlog.get_logger(__name__)

_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",  # each thread reserves memory and counts as a process
    "POLARS_MAX_THREADS": "2",
    "MALLOC_ARENA_MAX": "2",
    "MPLBACKEND": "Agg",
}
_TRIAL = "import os; open('out', 'w').write(str(sorted(os.environ)))"


class Backend(Protocol):
    """Makes boxes of one kind."""

    @property
    def kind(self) -> str:
        """What the person reads: `bubblewrap` or `landlock`."""

    @property
    def python(self) -> str:
        """The interpreter that commands name."""

    async def start(self, order: Order) -> Box:
        """Starts a command.

        Raises:
            BoxBroken: no box could be made.
        """


class Sandbox:
    """Runs commands in boxes. Use `open`; several may run at once.

    Attributes:
        kind: `bubblewrap` or `landlock`.
        python: The interpreter for commands that run Python.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.kind = backend.kind
        self.python = backend.python

    @classmethod
    async def open(cls) -> "Sandbox":
        """The best that this machine offers; each is tried with a command before it is trusted.

        Raises:
            SandboxUnavailable: there is none, why, and what to install.
        """
        reasons = []
        for find in (Bubblewrap.find, Landlock.find):
            try:
                return await cls.tried(find)
            except SandboxUnavailable as missing:
                reasons.append(str(missing))
        raise SandboxUnavailable(
            f"No sandbox: {'; '.join(reasons)}. Install the package `bubblewrap` and allow unprivileged "
            "user namespaces, or use Linux 6.2 or newer with Landlock. Until then nothing that a model "
            "wrote is run."
        )

    @classmethod
    async def tried(cls, find: Callable[[], Awaitable[Backend]]) -> "Sandbox":
        """A sandbox of one kind that has proven itself.

        Raises:
            SandboxUnavailable: the machine does not have it, or it does not work here.
        """
        found = cls(await find())
        try:
            with tempfile.TemporaryDirectory(prefix="cos-trial-") as folder:
                command = (found.python, "-I", "-S", "-c", _TRIAL)
                ran = await found.run(command, Path(folder), limits=Limits(wall_s=20))
                works = ran.succeeded and await asyncio.to_thread(Path(folder, "out").is_file)
        except BoxBroken as broken:
            raise SandboxUnavailable(f"{found.kind} does not work here ({broken})") from broken
        if not works:
            said = ran.stderr.decode(errors="replace").strip().rpartition("\n")[2][:300]
            raise SandboxUnavailable(f"{found.kind} does not work here ({said or f'status {ran.exit}'})")
        log.info("sandbox.opened", kind=found.kind)
        return found

    async def run(
        self,
        command: Sequence[str],
        workspace: Path,
        *,
        limits: Limits = Limits(),  # noqa: B008  (frozen)
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        door: Path | None = None,
    ) -> Ran:
        """Runs a command to its end; cancelling this ends all that it started.

        Inside, the working directory holds a copy of `workspace`; nothing else can be written but /tmp.
        Afterwards what changed is copied back: new files, changed ones, and removals.

        Args:
            command: Program and arguments; paths of the workspace are relative.
            workspace: A folder of this process's own.
            limits: What it may take.
            stdin: What it reads.
            environment: Besides PATH, HOME, LANG; nothing is inherited.
            door: The socket of an HTTP proxy that lets out what was granted; None: there is no network.
                Inside, the usual variables name it.

        Raises:
            BoxBroken: the box could not be made, or the workspace does not fit.
        """
        order = Order(tuple(command), workspace, _ENVIRONMENT | dict(environment or {}), limits, door)
        began = time.monotonic()
        box = await self._backend.start(order)
        try:
            ran = await _finished(box, limits, stdin)
            await box.kill()
            refused = await asyncio.to_thread(box.unload, workspace)
        finally:
            await asyncio.shield(box.close())
        ran = replace(ran, seconds=time.monotonic() - began, refused=tuple(refused))
        metrics.count(ran)
        return ran


async def _finished(box: Box, limits: Limits, stdin: bytes) -> Ran:
    """Feeds, listens and watches until the command ends or has to."""
    process = box.process
    assert process.stdout is not None  # noqa: S101  (all three are pipes)
    assert process.stderr is not None  # noqa: S101
    full = asyncio.Event()
    out = asyncio.create_task(read(process.stdout, limits.output_bytes, full.set))
    err = asyncio.create_task(read(process.stderr, limits.output_bytes, full.set))
    feeding = asyncio.create_task(_feed(process, stdin))
    try:
        stopped = await _end_of(box, limits, full)
        await box.kill()  # what was started in the background holds the pipes open
        return Ran(_status(process.returncode or 0), await out, await err, 0.0, stopped)
    finally:
        for task in (out, err, feeding):
            task.cancel()
        await asyncio.gather(out, err, feeding, return_exceptions=True)


async def _end_of(box: Box, limits: Limits, full: asyncio.Event) -> Stopped | None:
    ended = asyncio.create_task(box.ended())
    watching = asyncio.create_task(watch(box, limits))
    filled = asyncio.create_task(full.wait())
    tasks = (ended, watching, filled)
    try:
        done, _ = await asyncio.wait(tasks, timeout=limits.wall_s, return_when=asyncio.FIRST_COMPLETED)
        if ended in done:
            return "output" if full.is_set() else None
        if watching in done:
            return watching.result()
        return "output" if filled in done else "time"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _feed(process: asyncio.subprocess.Process, stdin: bytes) -> None:
    if process.stdin is None:
        return
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(stdin)
        await process.stdin.drain()
        process.stdin.close()


def _status(returncode: int) -> int:
    return 128 - returncode if returncode < 0 else returncode
