"""Boxes of Linux namespaces, made by bubblewrap.

Inside: the system's programs and this Python, read-only; a workspace and a /tmp in memory, both of a fixed
size; no other process, no network but a loopback of its own, no environment. Where hosts were granted, the
socket of a proxy hangs in it, and `relay` stands before the command. The order of mounts matters: /dev and
the root are memory file systems of unlimited size too, so they are made read-only once everything hangs in
them.

As root, bubblewrap makes the mounts as root and `setpriv` then becomes a user that nobody else is, because
the kernel does not count root's processes. Otherwise a user namespace does, which the filter keeps from
nesting.
"""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from brain.seed.sandbox import relay, seccomp
from brain.seed.sandbox.box import Box, Order, become_nobody, cap
from brain.seed.sandbox.errors import BoxBroken, SandboxUnavailable
from brain.seed.sandbox.files import Freight

WORKSPACE = "/workspace"
_OLDEST = (0, 8)
_SHARED_MEMORY_BYTES = 16 << 20
_PATIENCE_S = 10.0
_EMPTY_ROOTS = ("bin", "sbin", "lib", "lib32", "lib64")
_DOOR, _RELAY, _PORT = "/run/door", "/run/relay.py", "3128"
_PROXIED = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
_CERTIFICATES = ("/etc/ssl/certs", "/etc/pki/tls", "/etc/pki/ca-trust")
_ETC = ("ld.so.cache", "localtime", "alternatives", "mime.types")


class _Info(msgspec.Struct, frozen=True):
    child_pid: int = msgspec.field(name="child-pid")


@dataclass(frozen=True)
class Bubblewrap:
    """Makes boxes.

    Attributes:
        program: Of bubblewrap.
        setpriv: Of util-linux; None unless this process is root's.
        python: The interpreter that commands name.
    """

    program: Path
    setpriv: Path | None
    python: str
    kind: str = "bubblewrap"

    @classmethod
    async def find(cls) -> "Bubblewrap":
        """What the machine has, looked at but not tried.

        Raises:
            SandboxUnavailable: it is missing or too old.
        """
        program, setpriv = shutil.which("bwrap"), shutil.which("setpriv")
        if program is None:
            raise SandboxUnavailable("bubblewrap is not installed (install the package `bubblewrap`)")
        if os.geteuid() == 0 and setpriv is None:
            raise SandboxUnavailable("setpriv is not installed (install the package `util-linux`)")
        told = await _output(program, "--version")
        if tuple(int(part) for part in told.split()[-1].split(".")[:2] if part.isdigit()) < _OLDEST:
            raise SandboxUnavailable(f"{told} is too old; 0.8 is needed")
        root = os.geteuid() == 0
        return cls(Path(program), Path(setpriv) if root and setpriv else None, sys.executable)

    async def start(self, order: Order) -> Box:
        """Starts a command in a box that holds the workspace; it is limited before its first step.

        Raises:
            BoxBroken: the box could not be made.
        """
        user = become_nobody() if self.setpriv else None
        told, tell = os.pipe2(os.O_CLOEXEC)
        wait, go = os.pipe2(os.O_CLOEXEC)
        with _filed(seccomp.namespaced()) as filtered:
            try:
                process = await asyncio.create_subprocess_exec(
                    *(str(self.program), *self._options(order)),
                    *("--info-fd", str(tell), "--block-fd", str(wait), "--seccomp", str(filtered.fileno())),
                    *("--", *self._drop(user), *self._relayed(order)),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                    env={},
                    pass_fds=(tell, wait, filtered.fileno()),
                    start_new_session=True,
                )
            except BaseException:
                for descriptor in (told, go):
                    os.close(descriptor)
                raise
            finally:
                os.close(tell)
                os.close(wait)
        box = Box(process, order.limits, Freight(user), in_memory=True)
        try:
            await asyncio.to_thread(_furnish, box, order, told, go)
        except BoxBroken as broken:
            await box.close()
            raise BoxBroken(await _with_last_words(broken, process)) from broken
        except BaseException:
            await box.close()
            raise
        return box

    def _drop(self, user: int | None) -> Sequence[str]:
        if user is None or self.setpriv is None:
            return ()
        one = str(user)
        return (str(self.setpriv), "--reuid", one, "--regid", one, "--clear-groups", "--inh-caps=-all", "--")

    def _relayed(self, order: Order) -> Sequence[str]:
        if order.door is None:
            return order.command
        return (self.python, "-I", "-S", _RELAY, _DOOR, _PORT, *order.command)

    def _options(self, order: Order) -> Iterator[str]:
        disk = str(order.limits.disk_mb << 20)
        yield from (
            "--unshare-ipc",
            "--unshare-pid",
            "--unshare-net",
            "--unshare-uts",
            "--unshare-cgroup-try",
        )
        if self.setpriv:
            yield from ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
        else:
            yield "--unshare-user"
        yield from ("--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv")
        # Before what is bound: this Python may itself lie in /tmp, and would be hidden.
        yield from ("--perms", "1777", "--size", disk, "--tmpfs", "/tmp")  # noqa: S108
        yield from _readable()
        if order.door is not None:
            yield from _open(order.door)
        yield from ("--proc", "/proc", "--dev", "/dev")
        yield from ("--perms", "1777", "--size", str(_SHARED_MEMORY_BYTES), "--tmpfs", "/dev/shm")  # noqa: S108
        yield from ("--remount-ro", "/dev")
        yield from ("--perms", "1777", "--size", disk, "--tmpfs", WORKSPACE)
        yield from ("--remount-ro", "/", "--chdir", WORKSPACE)
        for name, value in ({"HOME": WORKSPACE, "PWD": WORKSPACE} | dict(order.environment)).items():
            yield from ("--setenv", name, value)


def _readable() -> Iterator[str]:
    """The system's programs and this Python with its libraries, and nothing of anybody's."""
    yield from ("--ro-bind", "/usr", "/usr")
    for name in _EMPTY_ROOTS:
        path = Path("/", name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    yield from ("--perms", "0755", "--dir", "/etc")
    for name in _ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        if not Path(prefix).is_relative_to("/usr"):
            for parent in reversed(
                Path(prefix).parents[:-1]
            ):  # it may lie in a home that others cannot enter
                yield from ("--perms", "0755", "--dir", str(parent))
            yield from ("--ro-bind", prefix, prefix)


def _open(door: Path) -> Iterator[str]:
    """The way to a proxy, and what its encrypted connections are checked by."""
    yield from ("--perms", "0755", "--dir", "/run", "--ro-bind", str(door), _DOOR)
    yield from ("--ro-bind", relay.__file__, _RELAY)
    for path in _CERTIFICATES:
        yield from ("--ro-bind-try", path, path)
    for name in _PROXIED:
        yield from ("--setenv", name, f"http://127.0.0.1:{_PORT}")


def _filed(program: bytes) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the caller closes it)
    file.write(program)
    file.flush()
    file.seek(0)
    return file


def _furnish(box: Box, order: Order, told: int, go: int) -> None:
    """Limits the waiting box, fills its workspace, and lets it go."""
    try:
        pid = _child_of(told)
        box.hold(pid)
        cap(pid, order.limits)
        box.folder = _folder_of(pid)
        box.load(order.workspace)
        os.write(go, b"\n")
    except ProcessLookupError as error:
        raise BoxBroken("The box was gone at once.") from error
    finally:
        os.close(told)
        os.close(go)


def _child_of(told: int) -> int:
    """What bubblewrap says of the process that will become the command."""
    os.set_blocking(told, True)
    said = b""
    while b"}" not in said:
        piece = os.read(told, 4096)
        if not piece:
            raise BoxBroken("Bubblewrap ended before the box was made.")
        said += piece
    return msgspec.json.decode(said, type=_Info).child_pid


def _folder_of(pid: int) -> int:
    """The box's workspace, once the box has its root; the descriptor outlives the box."""
    path, ours = f"/proc/{pid}/root{WORKSPACE}", _device(WORKSPACE)
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        with suppress(FileNotFoundError, PermissionError):
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            if os.fstat(folder).st_dev != ours:
                return folder
            os.close(folder)  # still the host's
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.0005)
    raise BoxBroken("Bubblewrap could not make the box.")


def _device(path: str) -> int | None:
    with suppress(OSError):
        return os.stat(path).st_dev  # noqa: PTH116
    return None


async def _with_last_words(broken: BoxBroken, process: asyncio.subprocess.Process) -> str:
    said = await process.stderr.read() if process.stderr else b""
    last = said.decode(errors="replace").strip().rpartition("\n")[2][:200]
    return f"{broken} {last}".strip()


async def _output(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env={})
    out, _ = await process.communicate()
    return out.decode(errors="replace").strip()
