"""The filter of system calls, as the classic BPF program that the kernel runs before each.

The layout of `struct seccomp_data`, the instructions and the return values are those of linux/seccomp.h and
linux/bpf_common.h. What is listed is refused and the rest is allowed: the namespaces or Landlock do the
confining, the filter takes away the ways around them.
"""

import errno
import struct
from collections.abc import Iterator

from brain.seed.sandbox import syscalls
from brain.seed.sandbox.errors import SandboxUnavailable

_LOAD, _EQUAL, _SET, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_X32 = 0x40000000
_NEW_NAMESPACES = 0x7E020000
_FAMILIES = {"unix": 1, "inet": 2, "inet6": 10, "netlink": 16}


def namespaced() -> bytes:
    """The filter for a command that has namespaces of its own.

    Raises:
        SandboxUnavailable: the numbers of this kind of machine are not known.
    """
    return _program(_shared(), sockets=True)


def unnamespaced(*, signals_scoped: bool) -> bytes:
    """The filter for a command that shares the machine's namespaces: no sockets, no way out of its group.

    Args:
        signals_scoped: Whether the kernel already keeps signals inside; otherwise none may be sent.

    Raises:
        SandboxUnavailable: the numbers of this kind of machine are not known.
    """
    rules = dict(_shared())
    for numbers in syscalls.ESCAPES.values():
        rules[numbers] = errno.EPERM
    for numbers in () if signals_scoped else syscalls.SIGNALS.values():
        rules[numbers] = errno.EPERM
    for numbers in syscalls.OWNERSHIP.values():
        rules[numbers] = 0
    return _program(rules, sockets=False)


def _shared() -> dict[tuple[int, int], int]:
    refused = dict.fromkeys(syscalls.NEVER.values(), errno.EPERM)
    return {**refused, syscalls.CLONE3: errno.ENOSYS}  # libraries then use clone, whose flags can be read


def _program(rules: dict[tuple[int, int], int], *, sockets: bool) -> bytes:
    known = syscalls.architecture()
    if known is None:
        raise SandboxUnavailable("There is no sandbox for this kind of processor; x86-64 and arm64 have one.")
    place, audit = known
    parts = [_begin(audit, x32=place == 0), _no_new_namespaces(syscalls.CLONE[place])]
    parts.append(
        _sockets(syscalls.SOCKET[place]) if sockets else _refuse(syscalls.SOCKET[place], errno.EACCES)
    )
    if not sockets:
        parts.append(_own_limits_only(syscalls.PRLIMIT[place]))
    parts += [_refuse(numbers[place], error) for numbers, error in rules.items() if numbers[place] >= 0]
    return b"".join([*(b"".join(part) for part in parts), _op(_RETURN, _ALLOW)])


def _op(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _begin(audit: int, *, x32: bool) -> Iterator[bytes]:
    yield _op(_LOAD, _ARCHITECTURE)
    yield _op(_EQUAL, audit, 1, 0)
    yield _op(_RETURN, _KILL)
    yield _op(_LOAD, _NUMBER)
    if x32:  # the same calls by other numbers
        yield _op(_AT_LEAST, _X32, 0, 1)
        yield _op(_RETURN, _ERRNO | errno.ENOSYS)


def _refuse(number: int, error: int) -> Iterator[bytes]:
    yield _op(_EQUAL, number, 0, 1)
    yield _op(_RETURN, _ERRNO | error)


def _no_new_namespaces(clone: int) -> Iterator[bytes]:
    yield _op(_EQUAL, clone, 0, 4)
    yield _op(_LOAD, _FIRST_ARGUMENT)
    yield _op(_SET, _NEW_NAMESPACES, 0, 1)
    yield _op(_RETURN, _ERRNO | errno.EPERM)
    yield _op(_RETURN, _ALLOW)


def _sockets(socket: int) -> Iterator[bytes]:
    """The families that a network namespace holds; virtual machines' sockets, for one, go past it."""
    yield _op(_EQUAL, socket, 0, len(_FAMILIES) + 3)
    yield _op(_LOAD, _FIRST_ARGUMENT)
    for left, family in zip(range(len(_FAMILIES), 0, -1), _FAMILIES.values(), strict=True):
        yield _op(_EQUAL, family, left, 0)
    yield _op(_RETURN, _ERRNO | errno.EAFNOSUPPORT)
    yield _op(_RETURN, _ALLOW)


def _own_limits_only(prlimit: int) -> Iterator[bytes]:
    """Process 0 is oneself."""
    yield _op(_EQUAL, prlimit, 0, 4)
    yield _op(_LOAD, _FIRST_ARGUMENT)
    yield _op(_EQUAL, 0, 1, 0)
    yield _op(_RETURN, _ERRNO | errno.EPERM)
    yield _op(_RETURN, _ALLOW)
