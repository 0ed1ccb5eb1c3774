"""Skills in child processes: started ahead, limited, listened to, killed.

A skill is computation: in a process of its own it cannot hold up the heartbeats, can be killed at once, and
sees neither the worker's environment nor its keys.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import structlog

from brain.seed import child, metrics
from brain.seed.catalog import Skill
from brain.seed.errors import SkillFailed
from brain.seed.protocol import (
    JOB_FILE,
    RESULT_FILE,
    Assignment,
    Done,
    Failed,
    Job,
    Progress,
    read_progress,
    read_result,
)

log = structlog.get_logger(__name__)

_CHUNK_BYTES = 65_536
_LONGEST_LINE = 8_192
_LAST_WORDS = 4_000
_MAX_RESULT_BYTES = 1_000_000

Say = Callable[[Progress], None]


@dataclass(frozen=True)
class Limits:
    """What one run of a skill may take."""

    memory_mb: int
    timeout_s: float
    """By the clock; processor time may be twice that, as libraries use several threads."""


class SkillRunner:
    """Runs skills; with `warm`, one process always waits with the libraries imported.

    Args:
        limits: For each run.
        modules: What a waiting process imports ahead.
        cache: A folder that outlives the runs, for what libraries compute once (a list of fonts).
        warm: Whether to keep a process waiting.
    """

    def __init__(self, limits: Limits, *, modules: tuple[str, ...], cache: Path, warm: bool) -> None:
        self._limits = limits
        self._modules = modules
        self._cache = cache
        self._warm = warm
        self._waiting: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._cache.mkdir, parents=True, exist_ok=True, mode=0o700)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._warm = False
        if self._waiting:
            await _kill(self._waiting)

    async def prepare(self) -> None:
        """Starts the process that waits, unless there is one or none is wanted.

        Not part of `run`, because its imports would slow down the storing of the result.
        """
        async with self._starting:
            if self._warm and (self._waiting is None or self._waiting.returncode is not None):
                self._waiting = await self._start(self._modules)

    async def run(self, skill: Skill, job: Job, workspace: Path, say: Say) -> Done:
        """Runs a skill to its end; cancelling this kills its process.

        Args:
            skill: What to run.
            job: What to run it on.
            workspace: The folder for both, and for what the skill makes.
            say: Hears of progress, on the event loop.

        Raises:
            SkillFailed: it has no result, and why.
        """
        with metrics.skill_run(skill.name):
            return await self._ran(skill, job, workspace, say)

    async def _ran(self, skill: Skill, job: Job, workspace: Path, say: Say) -> Done:
        await asyncio.to_thread((workspace / JOB_FILE).write_bytes, msgspec.json.encode(job))
        process = await self._take(skill)
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                last_words = await _converse(process, skill, workspace, say)
        except TimeoutError:
            raise SkillFailed(
                f"It took longer than {self._limits.timeout_s:.0f} seconds and was stopped.", retryable=False
            ) from None
        finally:
            await _kill(process)
        return await asyncio.to_thread(self._judge, skill, process.returncode or 0, workspace, last_words)

    async def _take(self, skill: Skill) -> asyncio.subprocess.Process:
        waiting, self._waiting = self._waiting, None
        if waiting and not _has_ended(waiting):
            return waiting
        return await self._start(())  # it loads what it needs when it needs it

    async def _start(self, modules: tuple[str, ...]) -> asyncio.subprocess.Process:
        flags = ["-E", "-s", "-P", *(["-B"] if sys.dont_write_bytecode else [])]
        if sys.pycache_prefix:
            flags += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
        memory_bytes, cpu_s = self._limits.memory_mb << 20, int(2 * self._limits.timeout_s) + 1
        return await asyncio.create_subprocess_exec(
            *(sys.executable, *flags, child.__file__, str(memory_bytes), str(cpu_s), *modules),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment(),
            start_new_session=True,
        )

    def _environment(self) -> dict[str, str]:
        """All that a skill sees; nothing of the worker's own environment."""
        return {
            "PATH": os.defpath,
            "HOME": str(self._cache),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "MPLBACKEND": "Agg",
            "MPLCONFIGDIR": str(self._cache / "matplotlib"),
            "OPENBLAS_NUM_THREADS": "1",  # the matrices are small, and each thread reserves memory
            "MALLOC_ARENA_MAX": "2",
        }

    def _judge(self, skill: Skill, status: int, workspace: Path, last_words: bytes) -> Done:
        """The result, or why there is none.

        Raises:
            SkillFailed: the skill says so, or it left nothing that can be read.
        """
        path = workspace / RESULT_FILE
        if status != 0 or not path.is_file() or path.stat().st_size > _MAX_RESULT_BYTES:
            log.warning(
                "skill.crashed", skill=skill.name, status=status, said=last_words.decode(errors="replace")
            )
            raise self._why(skill, status, last_words)
        try:
            result = read_result(path.read_bytes())
        except msgspec.DecodeError as error:
            raise SkillFailed(
                f"The skill {skill.name} gave an unreadable result: {error}", retryable=False
            ) from error
        if isinstance(result, Failed):
            raise SkillFailed(result.error, retryable=result.retryable)
        for output in result.outputs:
            if not (workspace / output.path).resolve().is_relative_to(workspace.resolve()):
                raise SkillFailed(f"The skill {skill.name} gave a file that is not its own.", retryable=False)
        return result

    def _why(self, skill: Skill, status: int, last_words: bytes) -> SkillFailed:
        if (
            status == child.OUT_OF_MEMORY
            or b"memory allocation" in last_words
            or b"MemoryError" in last_words
        ):
            return SkillFailed(
                f"It needs more than the {self._limits.memory_mb:,} MB of memory that a skill may take. "
                "Send a smaller file, or raise SEED_SKILL_MEMORY_MB.",
                retryable=False,
            )
        if status == -signal.SIGXCPU:
            return SkillFailed("It needed too much computing time and was stopped.", retryable=False)
        reason = last_words.decode(errors="replace").strip().rsplit("\n", 1)[-1][:300]
        return SkillFailed(
            f"The skill {skill.name} crashed ({reason or f'status {status}'}).", retryable=True
        )


async def _converse(process: asyncio.subprocess.Process, skill: Skill, workspace: Path, say: Say) -> bytes:
    """Hands over the job and listens until the process ends; returns the end of its error output."""
    assert process.stdin is not None  # noqa: S101  (all three are pipes)
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    assignment = Assignment(script=str(skill.script), workspace=str(workspace))
    # It died while waiting; its status says why. The last error is uvloop's, of a pipe that is closed.
    with suppress(BrokenPipeError, ConnectionResetError, RuntimeError):
        process.stdin.write(msgspec.json.encode(assignment) + b"\n")
        await process.stdin.drain()
    async with asyncio.TaskGroup() as group:
        group.create_task(_listen(process.stdout, say))
        last_words = group.create_task(_tail(process.stderr))
    await process.wait()
    return last_words.result()


async def _listen(stream: asyncio.StreamReader, say: Say) -> None:
    """Passes on what is progress; a skill may print whatever else it likes."""
    rest = b""
    while chunk := await stream.read(_CHUNK_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[:_LONGEST_LINE]
        for line in lines:
            if progress := read_progress(line):
                say(progress)


async def _tail(stream: asyncio.StreamReader) -> bytes:
    kept = b""
    while chunk := await stream.read(_CHUNK_BYTES):
        kept = (kept + chunk)[-_LAST_WORDS:]
    return kept


def _has_ended(process: asyncio.subprocess.Process) -> bool:
    """Asks the kernel: asyncio hears of a child's end a moment later."""
    if process.returncode is not None:
        return True
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


async def _kill(process: asyncio.subprocess.Process) -> None:
    """Ends the process and whatever it started, and waits until it is gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
