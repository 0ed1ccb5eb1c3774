"""The program that gives up its rights and then becomes the command. Uses the standard library alone.

Started as `python confine.py PLAN`, without an environment, as the leader of a process group. The plan is
`landlock.Plan`, marshalled, in hexadecimal: importing json would take as long as all the rest. The structures
and numbers are those of linux/landlock.h and linux/seccomp.h.
"""

import ctypes
import marshal
import os
import resource
import stat
import struct
import sys
from typing import Any

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF, _PATH_BENEATH = 444, 445, 446, 1
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE, _IOCTL = 1 << 13, 1 << 14, 1 << 15
_ALL_OF_FIRST = (1 << 13) - 1
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 3
_ABI_WITH_NETWORK, _ABI_WITH_IOCTL, _ABI_WITH_SCOPES = 4, 5, 6
_FAILED = 126

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Confines itself as the plan says, and executes the plan's command."""
    plan = marshal.loads(bytes.fromhex(sys.argv[1]))  # noqa: S302  (its parent wrote it)
    os.chdir(plan["folder"])
    user = plan["user"]
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    for what, most in plan["limits"]:
        _, hard = resource.getrlimit(what)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (value, value))
    _checked(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _landlock(plan)
    _filter(plan["seccomp"])
    command = plan["command"]
    try:
        os.execvpe(command[0], command, plan["environment"])  # noqa: S606  (this is the confined command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(127)


def _landlock(plan: dict[str, Any]) -> None:
    """From here on only what is listed can be opened, whatever the permissions say."""
    abi = plan["abi"]
    every = _ALL_OF_FIRST | _REFER | _TRUNCATE | (_IOCTL if abi >= _ABI_WITH_IOCTL else 0)
    network = 3 if abi >= _ABI_WITH_NETWORK else 0
    scopes = _SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if abi >= _ABI_WITH_SCOPES else 0
    attributes = struct.pack("=QQQ", every, network, scopes)
    size = 24 if abi >= _ABI_WITH_SCOPES else 16 if abi >= _ABI_WITH_NETWORK else 8
    rules = _checked(_libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0))
    reading = _EXECUTE | _READ_FILE | _READ_FOLDER
    for paths, rights in ((plan["read"], reading), (plan["write"], every & ~_EXECUTE | _EXECUTE)):
        for path in paths:
            _allow(rules, path, rights)
    _checked(_libc.syscall(_RESTRICT_SELF, rules, 0))
    os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # it is not there, or this user cannot reach it
        return
    if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
        rights &= _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
    beneath = struct.pack("=Qi", rights, descriptor)
    _checked(_libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, beneath, 0))
    os.close(descriptor)


def _filter(program: bytes) -> None:
    code = ctypes.create_string_buffer(program, len(program))
    length = len(program) // 8
    header = struct.pack("HxxxxxxP" if struct.calcsize("P") == 8 else "HxxI", length, ctypes.addressof(code))
    _checked(_libc.prctl(_SECCOMP, _FILTER, header, 0, 0))


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        sys.stderr.write(f"confine: {os.strerror(error)}\n")
        sys.exit(_FAILED)
    return result


if __name__ == "__main__":
    main()
