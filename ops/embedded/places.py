"""Private directories: where data lies, and where sockets go that a long path would not carry."""

import hashlib
import os
import re
import socket
import stat
from pathlib import Path

from ops.errors import DataUnusable

SOCKET_PATH_MAX_BYTES = 103
"""What every kernel takes: macOS 103, Linux 107."""
_LONGEST_NAME = ".s.PGSQL.5432.lock"
# Commas and quotes have a meaning in PostgreSQL's list of socket directories, blanks in a URL.
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")


def private_directory(path: Path) -> Path:
    """Make `path` if missing and see that only its owner may enter it.

    Raises:
        DataUnusable: it cannot be made, or another user owns it.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DataUnusable(
            f"{path} cannot be made: {error.strerror}. Choose another COS_HOME, or make it possible."
        ) from error
    found = path.stat()
    if found.st_uid != os.geteuid():
        raise DataUnusable(
            f"{path} belongs to user id {found.st_uid}, and you are {os.geteuid()}. "
            "Run as that user, or choose another COS_HOME."
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)
    return path


def mark(home: Path) -> str:
    """A short name for this COS_HOME, the same at every start."""
    return hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]


def socket_directory(home: Path) -> Path:
    """Where sockets of this home go: `home/run`, or below /tmp if that path is too long or too odd.

    A home on a file system without sockets (network shares, mounts of a desktop into a container) also
    leads to /tmp. Not `XDG_RUNTIME_DIR`: it is removed when the person logs out, and we may run on.
    """
    inside = home.resolve() / "run"
    if _fits(inside) and _takes_sockets(private_directory(inside)):
        return inside
    outside = Path("/tmp") / f"cos-{os.geteuid()}-{mark(home)}"  # noqa: S108  # checked for its owner below
    if outside.is_symlink():
        raise DataUnusable(f"{outside} is a symbolic link that we did not make. Remove it.")
    return private_directory(outside)


def _fits(directory: Path) -> bool:
    path = os.fsencode(directory / "postgres" / _LONGEST_NAME)
    return len(path) <= SOCKET_PATH_MAX_BYTES and bool(_PLAIN.fullmatch(str(directory)))


def _takes_sockets(directory: Path) -> bool:
    probe = directory / f"probe-{os.getpid()}"
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(probe))
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)
    return True
