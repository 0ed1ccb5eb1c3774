"""Runs a program that ends with its parent and, if asked, without root's power.

A script of its own, run as `python -I -S leash.py <orders> program arguments…`, because what it does has
to happen between fork and exec, where Python code is unsafe in a process that has threads. It replaces
itself by the program, so the process id stays. Standard library only.

Orders are `signal:parent_pid:mode:uid:gid:capability`; see `Leash` in `ops.embedded.processes`.
"""

import ctypes
import os
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CLONE_NEWUSER = 0x10000000
CAPABILITY_VERSION_3 = 0x20080522


def main() -> None:
    """Obey the orders, then become the program."""
    signal_number, parent, mode, uid, gid, capability = sys.argv[1].split(":")
    if mode == "user":
        become_user(int(uid), int(gid), int(capability))
    elif mode == "namespace":
        enter_namespace(int(uid), int(gid))
    if sys.platform == "linux":
        # After the change of user, which would clear it.
        call("prctl", PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("the supervisor is gone")
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606  # an argument list, no shell wanted


def become_user(uid: int, gid: int, capability: int) -> None:
    """Give up root for `uid`, keeping one capability (-1: none) over every exec that follows.

    The one kept lets PostgreSQL pass through directories such as /root that only root may enter.
    """
    call("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if capability < 0:
        return
    bit = 1 << capability
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    call("capset", header, data)
    call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)


def enter_namespace(uid: int, gid: int) -> None:
    """Appear as `uid` to oneself and stay root's user to the file system, without any capability."""
    outer_uid, outer_gid = os.getuid(), os.getgid()
    call("unshare", CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1")


def call(name: str, *arguments: object) -> None:
    """Call the C library; an error is raised as OSError that names the call."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


if __name__ == "__main__":
    main()
