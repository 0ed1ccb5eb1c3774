"""What runs over a COS_HOME: one lock held by the supervisor, and a note of its processes for the others."""

import fcntl
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil

from ops.embedded import processes
from ops.errors import AlreadyRunning


class Running(msgspec.Struct, frozen=True):
    """A process; its start time tells it from a later one with the same id."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "Running":
        """Describe a process that runs now."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The process, if it is still this one."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < 1 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if same else None


class RunState(msgspec.Struct, frozen=True):
    """What `cos status`, `cos login` and a second `cos up` read."""

    supervisor: Running
    panel: str
    ledger: str
    chief: str
    gateway: str
    ui: str = ""
    """Where the panel listens, which need not be where a browser finds it."""
    ready: bool = False
    parts: dict[str, Running] = {}


class Home:
    """A COS_HOME and its note of what runs."""

    def __init__(self, place: Path):
        """Nothing is touched before the first call.

        Args:
            place: COS_HOME, absolute.
        """
        self.place = place
        self._note = place / "running.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock, which the kernel gives back whatever becomes of this process.

        Raises:
            AlreadyRunning: another supervisor holds it.
        """
        with (self.place / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunning(f"A Chief of Staff runs already over {self.place}.") from None
            try:
                yield
            finally:
                self._note.unlink(missing_ok=True)

    def write(self, state: RunState) -> None:
        """Replace the note in one step."""
        unfinished = self._note.with_suffix(".new")
        unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(state)))
        unfinished.chmod(0o600)
        unfinished.replace(self._note)

    def read(self) -> RunState | None:
        """What runs, or None when the supervisor that wrote the note is gone."""
        state = self._last()
        return state if state and state.supervisor.process() else None

    def read_soon(self, patience_s: float = 2.0) -> RunState | None:
        """The same, for when the lock is held and its holder may not have written its note yet."""
        deadline = time.monotonic() + patience_s
        while (state := self.read()) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        return state

    async def clear(self) -> None:
        """Stop the parts that a supervisor left behind when it was killed; call it with the lock held."""
        state = self._last()
        if state is None:
            return
        parts = [running for name, running in state.parts.items() if name not in {"postgres", "redis"}]
        await processes.clear(
            lambda: [process for part in parts if (process := part.process())],
            lambda _: signal.SIGTERM,
            patience_s=5,
        )

    def _last(self) -> RunState | None:
        try:
            return msgspec.json.decode(self._note.read_bytes(), type=RunState)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None
