"""Where a backup lies: a file, or an object in a store that a URL names (`s3://bucket/folder/name`)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from ops.errors import BackupUnusable

if TYPE_CHECKING:
    from obstore import ReadableFile


class Sink(Protocol):
    """What can be written to."""

    def write(self, content: bytes, /) -> int:
        """Take all of it."""
        ...


class Source(Protocol):
    """What can be read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        ...


@contextmanager
def written(target: str) -> Iterator[Sink]:
    """Something to write to that is there only when all of it was written.

    Raises:
        BackupUnusable: it is there already, or cannot be written.
    """
    with _told(target, "written"):
        if "://" in target:
            with _object_written(target) as sink:
                yield sink
        else:
            with _file_written(Path(target)) as sink:
                yield sink


@contextmanager
def read(source: str) -> Iterator[Source]:
    """A backup to read.

    Raises:
        BackupUnusable: it is not there, or cannot be read.
    """
    with _told(source, "read"):
        if "://" in source:
            store, name = _place(source)
            yield _Whole(obstore.open_reader(store, name))
        else:
            with Path(source).open("rb") as file:
                yield file


class _Whole:
    """Reads in full pieces: a store gives what it has at hand."""

    def __init__(self, source: "ReadableFile"):
        self._source = source

    def read(self, size: int, /) -> bytes:
        found = bytes(self._source.read(size))
        while len(found) < size and (more := bytes(self._source.read(size - len(found)))):
            found += more
        return found


@contextmanager
def _told(place: str, done: str) -> Iterator[None]:
    try:
        yield
    except (OSError, BaseError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise BackupUnusable(f"{place} cannot be {done}: {why}.") from error


@contextmanager
def _file_written(path: Path) -> Iterator[Sink]:
    _demand_new(str(path), there=path.exists())
    unfinished = path.with_name(path.name + ".part")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _object_written(url: str) -> Iterator[Sink]:
    """An upload that was not ended leaves no object."""
    store, name = _place(url)
    _demand_new(url, there=_exists(store, name))
    writer = obstore.open_writer(store, name)
    yield writer
    writer.close()


def _exists(store: ObjectStore, name: str) -> bool:
    try:
        obstore.head(store, name)
    except FileNotFoundError:
        return False
    return True


def _demand_new(place: str, *, there: bool) -> None:
    if there:
        raise BackupUnusable(f"{place} exists already. Choose another name; a backup replaces nothing.")


def _place(url: str) -> tuple[ObjectStore, str]:
    """The store, and the object's name in it."""
    folder, _, name = url.rpartition("/")
    if not name or folder.endswith(("/", ":")):
        raise BackupUnusable(f"{url} names no file. Write s3://bucket/folder/name.")
    return from_url(folder), name
