"""Starting, finding and stopping the server programs."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

from ops.embedded import leash
from ops.embedded.identity import Identity

LOG_MAX_BYTES = 10_000_000


@dataclass(frozen=True)
class Leash:
    """What a child is told before it becomes the program."""

    on_parent_death: signal.Signals = signal.SIGTERM
    """Sent to it by the kernel (Linux) when the supervisor dies without a word."""
    identity: Identity = field(default_factory=Identity)

    def wrap(self, command: Sequence[str | Path]) -> list[str]:
        """Put the leash in front of a command."""
        who = self.identity
        orders = (self.on_parent_death.value, os.getpid(), who.mode, who.uid, who.gid, who.capability)
        program = [sys.executable, "-I", "-S", leash.__file__, ":".join(map(str, orders))]
        return program + [str(word) for word in command]


async def spawn(
    command: Sequence[str | Path],
    *,
    directory: Path,
    environment: Mapping[str, str],
    log: Path | None = None,
    leash: Leash | None = None,
) -> asyncio.subprocess.Process:
    """Start a program in a session of its own, so that Ctrl-C reaches only the supervisor.

    Both its outputs are appended to `log`, or go to the pipe `stdout` of the process without one.
    """
    with _output(log) as output:
        return await asyncio.create_subprocess_exec(
            *(leash or Leash()).wrap(command),
            cwd=directory,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )


@contextmanager
def _output(log: Path | None) -> Iterator[IO[bytes] | int]:
    if log is None:
        yield asyncio.subprocess.PIPE
        return
    rotate(log)
    with log.open("ab") as file:
        yield file


async def stop(process: asyncio.subprocess.Process, *steps: tuple[signal.Signals, float]) -> None:
    """Send one signal after the other, each with its time in seconds, then SIGKILL."""
    for sent, patience_s in steps:
        if process.returncode is not None:
            return
        process.send_signal(sent)
        try:
            async with asyncio.timeout(patience_s):
                await process.wait()
        except TimeoutError:
            continue
    if process.returncode is None:
        process.kill()
        await process.wait()


def find(names: frozenset[str], belongs: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    """Processes with one of the names that `belongs` says are ours; those we may not look at are not."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() in names and belongs(process):
                found.append(process)
        except psutil.Error:
            continue
    return found


async def clear(
    left_over: Callable[[], Iterable[psutil.Process]],
    ask: Callable[[psutil.Process], signal.Signals],
    *,
    patience_s: float = 10.0,
) -> None:
    """Ask what is left over to stop, and kill what does not within `patience_s`.

    `left_over` is called again and again: a dying server may still have children.
    """
    asked: set[int] = set()
    deadline = asyncio.get_running_loop().time() + patience_s
    while processes := list(left_over()):
        late = asyncio.get_running_loop().time() > deadline
        for process in processes:
            if late or process.pid not in asked:
                asked.add(process.pid)
                _signal(process, (lambda _: signal.SIGKILL) if late else ask)
        await asyncio.sleep(0.05)


def _signal(process: psutil.Process, choose: Callable[[psutil.Process], signal.Signals]) -> None:
    try:
        process.send_signal(choose(process))
    except psutil.NoSuchProcess:
        return


def rotate(log: Path) -> None:
    """Keep one older log beside a new one when it has grown too long."""
    if log.exists() and log.stat().st_size > LOG_MAX_BYTES:
        log.replace(log.with_suffix(".old.log"))


def tail(log: Path, *, lines: int = 15) -> str:
    """The last lines of a log, for an error's text."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8192))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return "(no log)"
    return "\n".join(text.splitlines()[-lines:])
