"""As which user PostgreSQL runs: it refuses user id 0, and the machine may offer nothing else."""

import os
import pwd
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_SETGID, CAP_SETUID = 0, 1, 2, 6, 7


class Mode(StrEnum):
    """How a child comes to its user."""

    SELF = "self"
    """It stays who the supervisor is."""
    USER = "user"
    """It gives up root for another user."""
    NAMESPACE = "namespace"
    """It stays who it is, and takes itself for another inside a user namespace."""


@dataclass(frozen=True)
class Identity:
    """The user of a child process, and the one capability it keeps (-1: none)."""

    mode: Mode = Mode.SELF
    uid: int = -1
    gid: int = -1
    capability: int = -1

    @property
    def owner(self) -> tuple[int, int]:
        """User and group that its files must belong to, as the supervisor sees them."""
        if self.mode is Mode.USER:
            return self.uid, self.gid
        return os.geteuid(), os.getegid()


def unprivileged(data: Path, program: Path) -> Identity:
    """Choose for a server that keeps `data` and refuses to run as root.

    Under root, the present owner of the data keeps it; new data goes to `nobody`. Where the container
    does not allow the change of user, a user namespace does, and also where only root may enter the folder
    of `program`: initdb looks whether the server's program is there as who it is, whatever it may pass by.
    """
    if os.geteuid() != 0:
        return Identity()
    user = _owner(data) or _nobody()
    held = _capabilities()
    passage = next((c for c in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE) if c in held), None)
    changes = passage is not None and {CAP_CHOWN, CAP_SETGID, CAP_SETUID} <= held and _mapped(user.pw_uid)
    if passage is None or not changes or not open_to_all(program):
        return Identity(Mode.NAMESPACE, user.pw_uid, user.pw_gid)
    return Identity(Mode.USER, user.pw_uid, user.pw_gid, passage)


def open_to_all(path: Path) -> bool:
    """Whether every user may enter the folders down to it, as `/root` may not be entered."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)


def _owner(data: Path) -> pwd.struct_passwd | None:
    """The user that owns the data; None for root and for one without a name, whom initdb would refuse."""
    try:
        uid = data.stat().st_uid
        return pwd.getpwuid(uid) if uid != 0 else None
    except (FileNotFoundError, KeyError):
        return None


def _nobody() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        return next(user for user in pwd.getpwall() if user.pw_uid != 0)


def _capabilities() -> set[int]:
    """What this process may do beyond an ordinary user; all of it where the kernel does not say."""
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:
        return set(range(64))
    mask = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff"))
    return {bit for bit in range(64) if mask >> bit & 1}


def _mapped(uid: int) -> bool:
    """Whether this user namespace (a rootless container has its own) knows the user."""
    try:
        lines = Path("/proc/self/uid_map").read_text().splitlines()
    except FileNotFoundError:
        return True
    spans = [(int(inner), int(count)) for inner, _, count in (line.split() for line in lines)]
    return any(first <= uid < first + count for first, count in spans)
