"""The specialists of this machine: one file each under `COS_HOME/specialists`."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import structlog

from brain.seed.errors import RosterRefused
from brain.seed.specialists.spec import NAME_PATTERN, Specialist

log = structlog.get_logger(__name__)

_ENDING, _GONE = ".json", ".gone"
_LOCK = ".lock"


class Roster:
    """Shared by all workers of the installation; every change is one rename under a lock.

    Args:
        folder: Made when it is needed, 0700.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where a specialist's file lies, if there is one."""
        return self._folder / f"{name}{_ENDING}"

    def all(self) -> list[Specialist]:
        """By name; a file that cannot be read is logged and left out."""
        return self._read(_ENDING)

    def find(self, name: str) -> Specialist | None:
        """The one of this name.

        Raises:
            RosterRefused: Its file cannot be read.
        """
        if not re.fullmatch(NAME_PATTERN, name):
            return None
        path = self.path(name)
        return read(path) if path.is_file() else None

    def add(self, specialist: Specialist, *, most: int) -> None:
        """Writes one down.

        Raises:
            RosterRefused: There is one of this name, or there are `most` already.
        """
        path = self.path(specialist.spec.name)
        with self._locked():
            if path.exists():
                raise RosterRefused(f"There is a specialist {specialist.spec.name} already.")
            if len(list(self._folder.glob(f"*{_ENDING}"))) >= most:
                raise RosterRefused(f"There are {most} specialists already; remove one first.")
            self._write(specialist)

    def stop(self, name: str, *, stopped: bool = True) -> Specialist:
        """Has one not run, or run again; whoever keeps it sees to that within moments.

        Raises:
            RosterRefused: There is none of this name.
        """
        with self._locked():
            found = self._present(name)
            changed = msgspec.structs.replace(found, stopped=stopped)
            self._write(changed)
        return changed

    def remove(self, name: str) -> Specialist:
        """Takes one off; whoever keeps it stops it within moments.

        Raises:
            RosterRefused: There is none of this name.
        """
        with self._locked():
            found = self._present(name)
            self.path(name).replace(self.path(name).with_suffix(_GONE))
        return found

    def gone(self) -> list[Specialist]:
        """Those that were taken off, until somebody has seen to what is left of them (`forget`)."""
        return self._read(_GONE)

    def forget(self, name: str) -> None:
        """Nothing is left of it."""
        self.path(name).with_suffix(_GONE).unlink(missing_ok=True)

    def _read(self, ending: str) -> list[Specialist]:
        found = []
        for path in sorted(self._folder.glob(f"*{ending}")):
            try:
                found.append(read(path))
            except RosterRefused as error:
                log.warning("specialist.unreadable", path=str(path), error=str(error))
        return found

    def _present(self, name: str) -> Specialist:
        found = self.find(name)
        if found is None:
            raise RosterRefused(f"There is no specialist {name}.")
        return found

    def _write(self, specialist: Specialist) -> None:
        path = self.path(specialist.spec.name)
        unfinished = path.with_suffix(".new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(specialist)))
        unfinished.replace(path)

    @contextmanager
    def kept(self, name: str) -> Iterator[bool]:
        """Whether this process is the one that keeps the specialist, for as long as the context lasts."""
        self._make()
        with (self._folder / f".{name}.kept").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
            else:
                yield True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._make()
        with (self._folder / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def read(path: Path) -> Specialist:
    """The specialist in a file.

    Raises:
        RosterRefused: It cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RosterRefused(f"{path.name} cannot be read: {error}") from error
    return decoded(content, path.name)


def decoded(content: bytes, source: str) -> Specialist:
    """The specialist in a file's content.

    Raises:
        RosterRefused: It cannot be read; the message names the source.
    """
    try:
        return msgspec.json.decode(content, type=Specialist)
    except msgspec.MsgspecError as error:
        raise RosterRefused(f"{source} cannot be read: {error}") from error
