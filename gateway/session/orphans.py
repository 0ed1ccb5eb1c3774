"""What a process that died on this machine still holds: freed at once, and not when its leases run out.

A holder's name says which process it is: the machine's boot, the namespace that counts its processes, its
number and when it began. Only where all of that is known and the process is gone is anything taken from it;
anywhere else the lease runs out by itself. Should it be alive all the same, then its fence is refused like
that of anybody who came too late.
"""

import os
import socket
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog
from redis.asyncio import Redis

from gateway.session import scripts
from gateway.session.mailbox import Scripts

log = structlog.get_logger(__name__)
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")
_STATE, _BEGAN = 0, 19
"""Fields of /proc/<pid>/stat behind the command's name: proc_pid_stat(5)."""
_ENDED = frozenset("ZXx")


def process_name(part: str) -> str:
    """This process as a holder: `chief-<host>-<pid>`, and where Linux tells, what proves that it is gone."""
    pid = os.getpid()
    name = f"{part}-{socket.gethostname()}-{pid}"
    try:
        return f"{name}@{_machine()}/{_stat(pid)[_BEGAN]}"
    except (OSError, IndexError):
        return name


def is_gone(name: str) -> bool:
    """Whether a holder was a process of this machine, and is no more."""
    try:
        who, machine, began = name.replace("@", "/").split("/")
        return machine == _machine() and not _runs(int(who.rpartition("-")[2]), began)
    except (OSError, ValueError):
        return False


async def free_orphans(redis: Redis, queues: Iterable[str], *, gone: Callable[[str], bool] = is_gone) -> int:
    """Let anybody take what the dead of this machine hold.

    Args:
        redis: Waited for while it is away.
        queues: Such as `talk`.
        gone: Whether a holder is dead beyond doubt.

    Returns:
        How many mailboxes were freed.
    """
    run, freed = Scripts(redis), 0
    for queue in queues:
        for holder in await run.run(scripts.HOLDERS, queue):
            if gone(name := holder.decode()):
                boxes = int(await run.run(scripts.FREE, queue, name))
                log.info("leases.freed", queue=queue, holder=name, boxes=boxes)
                freed += boxes
    return freed


def _machine() -> str:
    return f"{_BOOT.read_text().strip()}.{_NAMESPACE.stat().st_ino}"


def _runs(pid: int, began: str) -> bool:
    try:
        os.kill(pid, 0)
        fields = _stat(pid)
    except (ProcessLookupError, FileNotFoundError):
        return False
    except PermissionError:
        return True  # another user's; it is there
    return fields[_BEGAN] == began and fields[_STATE] not in _ENDED


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
