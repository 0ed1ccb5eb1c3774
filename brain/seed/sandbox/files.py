"""Carrying files into a box and what changed back out, through a directory that only a descriptor names.

A command may leave anything behind: symbolic links, pipes, folders a thousand deep. So nothing here follows a
link or opens a path with more than one step, and only plain files and folders are taken over. The folder of
the host therefore never holds anything else.
"""

import os
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path

from brain.seed.sandbox.errors import BoxBroken

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_CHUNK_BYTES = 1 << 20
_DEEPEST = 32

Mark = tuple[int, int, int]
"""Inode, size and time of change: the last one cannot be forged from inside."""


@dataclass
class Freight:
    """What was brought in, to know afterwards what is new."""

    owner: int | None = None
    """The user inside, if not this one."""
    marks: dict[str, Mark] = field(default_factory=dict)


@dataclass
class Unloaded:
    """What became of the files."""

    refused: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    files_left: int = 0
    bytes_left: int = 0


def load(source: Path, box: int, freight: Freight) -> None:
    """Copies the folder `source` into the box.

    Args:
        source: Of the host; links in it are passed over.
        box: Descriptor of the box's folder.
        freight: Is filled.

    Raises:
        BoxBroken: it does not fit.
    """
    try:
        _load(source, box, "", freight)
    except OSError as error:
        raise BoxBroken(f"The workspace does not fit into the sandbox: {error.strerror}.") from error


def _load(source: Path, box: int, prefix: str, freight: Freight) -> None:
    with os.scandir(source) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        path = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            os.mkdir(entry.name, 0o755, dir_fd=box)
            inner = os.open(entry.name, _FOLDER, dir_fd=box)
            try:
                _load(Path(entry.path), inner, f"{path}/", freight)
                _give(inner, freight.owner)
                freight.marks[path] = _mark(os.fstat(inner))
            finally:
                os.close(inner)
        elif entry.is_file(follow_symlinks=False):
            freight.marks[path] = _copy_in(entry, box, freight.owner)


def _copy_in(entry: os.DirEntry[str], box: int, owner: int | None) -> Mark:
    known = entry.stat(follow_symlinks=False)
    with open(os.open(entry.path, _READ), "rb") as given:  # noqa: PTH123  (a descriptor)
        made = os.open(entry.name, _NEW, 0o644 | known.st_mode & 0o111, dir_fd=box)
        with open(made, "wb") as copy:  # noqa: PTH123  (a descriptor)
            shutil.copyfileobj(given, copy, _CHUNK_BYTES)
            copy.flush()
            os.utime(made, ns=(known.st_mtime_ns, known.st_mtime_ns))
            _give(made, owner)
            return _mark(os.fstat(made))


def _give(descriptor: int, owner: int | None) -> None:
    if owner is not None:
        os.fchown(descriptor, owner, owner)


def unload(box: int, target: Path, freight: Freight, *, most_files: int, most_bytes: int) -> list[str]:
    """Takes over what is new or changed, and removes what was removed.

    Args:
        box: Descriptor of the box's folder, in which nothing runs any more.
        target: The host's folder that was loaded.
        freight: As `load` left it.
        most_files: How many files and folders are looked at.
        most_bytes: Of all that is copied: files with holes are far larger here than in the box.

    Returns:
        What was not taken over, for the reader.
    """
    done = Unloaded(files_left=most_files, bytes_left=most_bytes)
    _unload(box, target, "", freight, done)
    for path in sorted(freight.marks.keys() - done.seen, reverse=True):
        _remove(target / path)
    return done.refused


def _unload(box: int, target: Path, prefix: str, freight: Freight, done: Unloaded) -> None:
    for name in _names(box):
        path = prefix + name
        done.files_left -= 1
        what = os.stat(name, dir_fd=box, follow_symlinks=False)
        if done.files_left < 0 or path.count("/") >= _DEEPEST or not _is_printable(name):
            done.refused.append(f"{path[:200]!a} (too many, too deep, or no proper name)")
            if done.files_left < 0:
                return
        elif stat.S_ISDIR(what.st_mode):
            done.seen.add(path)
            _unload_folder(box, target, path, freight, done)
        elif stat.S_ISREG(what.st_mode):
            done.seen.add(path)
            if freight.marks.get(path) != _mark(what):
                done.bytes_left -= what.st_size
                if done.bytes_left < 0:
                    done.refused.append(f"{path} (too large)")
                    continue
                _copy_out(box, name, target / path, executable=bool(what.st_mode & 0o100))
        else:
            done.refused.append(f"{path} (a {_kind(what.st_mode)})")


def _unload_folder(box: int, target: Path, path: str, freight: Freight, done: Unloaded) -> None:
    folder = target / path
    if not folder.is_dir():
        _remove(folder)
        folder.mkdir()
    try:
        inner = os.open(path.rpartition("/")[2], _FOLDER, dir_fd=box)
    except PermissionError:  # the command locked it
        done.refused.append(f"{path} (a folder that cannot be read)")
        return
    try:
        _unload(inner, target, f"{path}/", freight, done)
    finally:
        os.close(inner)


def _names(box: int) -> list[str]:
    with os.scandir(box) as entries:
        return sorted(entry.name for entry in entries)


def _copy_out(box: int, name: str, target: Path, *, executable: bool) -> None:
    _remove(target)
    mode = 0o700 if executable else 0o600
    with (
        open(os.open(name, _READ, dir_fd=box), "rb") as made,  # noqa: PTH123  (a descriptor)
        open(os.open(target, _NEW, mode), "wb") as copy,  # noqa: PTH123  (a descriptor)
    ):
        shutil.copyfileobj(made, copy, _CHUNK_BYTES)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _mark(what: os.stat_result) -> Mark:
    return what.st_ino, what.st_size, what.st_ctime_ns


def _is_printable(name: str) -> bool:
    return name.isprintable() and not any("\ud800" <= char <= "\udfff" for char in name)


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISLNK, "symbolic link"), (stat.S_ISFIFO, "pipe"), (stat.S_ISSOCK, "socket"))
    return next((kind for test, kind in kinds if test(mode)), "device")
