"""Folders for running tasks, and the removal of those that a killed worker left behind."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

_LOCK = ".lock"


class Workspaces:
    """A folder for this process under `root`, locked while it lives; unlocked ones are swept away.

    Args:
        root: Shared by all workers of the installation; made if it is missing.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._own: Path | None = None
        self._lock: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._root / _LOCK).open("wb") as all_workers:
            fcntl.flock(all_workers, fcntl.LOCK_EX)
            self._sweep()
            self._own = Path(tempfile.mkdtemp(prefix="worker-", dir=self._root))
            self._lock = (self._own / _LOCK).open("wb")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._own:
            shutil.rmtree(self._own, ignore_errors=True)
        if self._lock:
            self._lock.close()

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """An empty folder for one attempt, removed with all that is in it."""
        if self._own is None:
            raise RuntimeError("Workspaces is used with `with`")
        made = Path(tempfile.mkdtemp(prefix="task-", dir=self._own))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _sweep(self) -> None:
        for left in self._root.glob("worker-*"):
            try:
                with (left / _LOCK).open("rb") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(left, ignore_errors=True)
            except OSError:  # a living worker holds it
                continue
