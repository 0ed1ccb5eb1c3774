"""Ways out of the sandbox that were found, each tried: all are held."""

import os
import socket
from pathlib import Path

import pytest

from brain.seed.sandbox import Limits, Ran, Sandbox
from tests.unit.brain_seed.sandboxes import KINDS, below, names_in, open_to_all, the_sandbox

SECRET = "sk-not-for-you"


@pytest.fixture(params=KINDS)
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """Each kind that this machine has."""
    return the_sandbox(request.param)


async def attack(sandbox: Sandbox, code: str, workspace: Path, **limits: float) -> Ran:
    given = Limits(**{"wall_s": 20.0, "cpu_s": 10, **limits})  # type: ignore[arg-type]
    return await sandbox.run((sandbox.python, "-I", "-S", "-c", code), workspace, limits=given)


async def test_no_environment_can_be_read_not_even_that_of_the_first_process(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    code = (
        "import glob, os\nfound = [repr(dict(os.environ))]\n"
        f"for path in glob.glob('/proc/*/environ') + ['/proc/1/environ', '/proc/{os.getpid()}/environ']:\n"
        "    try: found.append(open(path).read())\n"
        "    except OSError as error: found.append(str(error))\n"
        "print(found)"
    )
    ran = await attack(sandbox, code, tmp_path)

    assert ran.succeeded, ran.stderr
    assert SECRET.encode() not in ran.stdout
    assert b"OPENAI" not in ran.stdout


async def test_files_of_other_users_and_of_this_one_cannot_be_read(sandbox: Sandbox, tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    (private / "key").write_text(SECRET)
    (private / "key").chmod(0o666)
    open_to_all(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    paths = [str(private / "key"), "/etc/shadow", "/etc/passwd", "../private/key", str(Path.home())]
    code = (
        f"import os\nfor path in {paths!r}:\n"
        "    try: print(os.listdir(path) if os.path.isdir(path) else open(path).read())\n"
        "    except OSError as error: print(type(error).__name__)\n"
    )
    ran = await attack(sandbox, code, work)
    said = ran.stdout.decode()

    assert ran.succeeded, ran.stderr
    assert SECRET not in said
    assert "root:" not in said
    assert ".bash" not in said
    assert ".ssh" not in said


async def test_the_hosts_loopback_cannot_be_reached(sandbox: Sandbox, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ran = await attack(
            sandbox,
            f"import socket; socket.create_connection(('127.0.0.1', {port}), 2).close(); print('in')",
            tmp_path,
        )

    assert ran.exit == 1
    assert b"Error" in ran.stderr


async def test_a_socket_on_the_hosts_disk_cannot_be_reached(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "redis.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        code = f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({str(path)!r}); print('in')"
        work = tmp_path / "work"
        work.mkdir()
        ran = await attack(sandbox, code, work)

    assert ran.exit == 1
    assert b"in\n" not in ran.stdout


@pytest.mark.parametrize("family", ["AF_PACKET", "AF_VSOCK", "AF_ALG"])
async def test_families_of_sockets_that_pass_by_namespaces_are_refused(
    sandbox: Sandbox, tmp_path: Path, family: str
) -> None:
    ran = await attack(
        sandbox, f"import socket; socket.socket(socket.{family}, 2 | 1); print('in')", tmp_path
    )

    assert ran.exit == 1
    assert b"Error" in ran.stderr


async def test_a_fork_bomb_ends_at_the_number_of_processes(sandbox: Sandbox, tmp_path: Path) -> None:
    code = (
        "import os, time\nmade = 0\ntry:\n    while made < 500:\n"
        "        if os.fork() == 0: time.sleep(30)\n        made += 1\n"
        "except OSError as error: print(made, type(error).__name__, flush=True)\nos._exit(0)"
    )
    ran = await attack(sandbox, code, tmp_path, processes=20)
    made, error = ran.stdout.decode().split()

    assert int(made) < 100, "Landlock's box counts what else this user runs"
    assert error == "BlockingIOError"


async def test_a_process_that_takes_too_much_memory_does_not_get_it(sandbox: Sandbox, tmp_path: Path) -> None:
    ran = await attack(sandbox, "x = bytearray(400 << 20)", tmp_path, memory_mb=200)

    assert not ran.succeeded
    assert ran.stopped == "memory" or b"MemoryError" in ran.stderr


async def test_processes_that_take_too_much_memory_together_are_stopped(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    code = (
        "import os, time\n"
        "for _ in range(6):\n"
        "    if os.fork() == 0: x = bytearray(b'x') * (60 << 20); time.sleep(15); os._exit(0)\n"
        "time.sleep(15)"
    )
    ran = await attack(sandbox, code, tmp_path, memory_mb=150)

    assert ran.stopped == "memory"


@pytest.mark.parametrize(
    "call",
    [
        "os.memfd_create('x')",
        "ctypes.CDLL(None, use_errno=True).syscall(29, 0, 1 << 30, 0o1777)",
    ],
)
async def test_memory_that_no_limit_counts_is_refused(sandbox: Sandbox, tmp_path: Path, call: str) -> None:
    code = f"import ctypes, os\ntry: print({call})\nexcept OSError: print(-1)"
    ran = await attack(sandbox, code, tmp_path)

    assert ran.stdout == b"-1\n", ran.stderr


async def test_a_file_system_cannot_be_filled(sandbox: Sandbox, tmp_path: Path) -> None:
    code = (
        "import os\nfor folder in ('.', '/tmp', '/dev/shm', '/', '/dev', '/var/tmp'):\n"
        "    try:\n"
        "        with open(folder + '/big', 'wb') as file:\n"
        "            for _ in range(60): file.write(bytes(1 << 20))\n"
        "        print(folder, 'FULL', file=__import__('sys').stderr)\n"
        "    except OSError as error: print(folder, error.strerror)\n"
    )
    ran = await attack(sandbox, code, tmp_path, disk_mb=8)

    assert b"FULL" not in ran.stderr
    assert sum(path.stat().st_size for path in below(tmp_path)) <= 8 << 20


async def test_a_disk_is_not_filled_by_many_files_either(sandbox: Sandbox, tmp_path: Path) -> None:
    code = (
        "n = 0\nwhile True:\n    with open(f'f{n}', 'wb') as file: file.write(bytes(100_000))\n    n += 1\n"
    )
    ran = await attack(sandbox, code, tmp_path, disk_mb=8, files=50)

    assert not ran.succeeded
    assert len(names_in(tmp_path)) <= 50


async def test_files_with_holes_do_not_fill_the_hosts_disk(sandbox: Sandbox, tmp_path: Path) -> None:
    code = "for n in range(40):\n    with open(f'f{n}', 'wb') as file: file.truncate(8 << 20)\n"
    ran = await attack(sandbox, code, tmp_path, disk_mb=8)

    assert ran.succeeded, ran.stderr
    assert sum(path.stat().st_size for path in below(tmp_path)) <= 8 << 20
    assert sum("too large" in refused for refused in ran.refused) == 39


async def test_nothing_outside_the_workspace_can_be_written_or_changed(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    work, mine = tmp_path / "work", tmp_path / "mine"
    work.mkdir()
    mine.write_text("mine")
    mine.chmod(0o666)
    open_to_all(tmp_path)
    code = (
        "import os\n"
        f"path = {str(mine)!r}\n"
        "tries = [lambda: open(path, 'w'), lambda: os.truncate(path, 0), lambda: os.remove(path),\n"
        "  lambda: os.rename(path, path + '2'), lambda: os.chmod(path, 0), lambda: os.link(path, 'l'),\n"
        "  lambda: open('/usr/bin/new', 'w'), lambda: open('/etc/new', 'w'), lambda: os.mkdir('/new')]\n"
        "for one in tries:\n"
        "    try: one()\n    except OSError: pass\n"
        "print('tried')"
    )
    ran = await attack(sandbox, code, work)

    assert ran.stdout == b"tried\n", ran.stderr
    assert mine.read_text() == "mine"
    assert mine.stat().st_mode & 0o777 == 0o666
    assert names_in(tmp_path) == ["mine", "work"]


@pytest.mark.parametrize("flag", [0x10000000, 0x00020000, 0x40000000, 0x20000000])
async def test_namespaces_cannot_be_nested(sandbox: Sandbox, tmp_path: Path, flag: int) -> None:
    code = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"print(libc.unshare({flag}), libc.syscall(56, {flag} | 17, 0, 0, 0, 0), libc.syscall(435, 0, 0),"
        " libc.mount(b'none', b'/tmp', b'tmpfs', 0, 0))"
    )
    ran = await attack(sandbox, code, tmp_path)

    assert ran.stdout == b"-1 -1 -1 -1\n", ran.stderr


async def test_no_right_of_root_is_left(sandbox: Sandbox, tmp_path: Path) -> None:
    code = (
        "import os\nprint(os.getuid() == 0, end=' ')\n"
        "for call in (lambda: os.setuid(0), lambda: os.chroot('/'), lambda: os.mknod('d', 0o20666, 259)):\n"
        "    try: call(); print('done', end=' ')\n"
        "    except OSError: print('held', end=' ')\n"
    )
    ran = await attack(sandbox, code, tmp_path)

    assert ran.stdout == b"False held held held "


async def test_other_processes_cannot_be_signalled_or_limited(sandbox: Sandbox, tmp_path: Path) -> None:
    code = (
        f"import os, resource\nother = {os.getppid()}, {os.getpid()}\n"
        "for pid in other:\n"
        "    for call in (lambda: os.kill(pid, 0), lambda: resource.prlimit(pid, 7, (9, 9))):\n"
        "        try: call(); print('done')\n"
        "        except OSError: print('held')\n"
    )
    ran = await attack(sandbox, code, tmp_path)

    assert ran.stdout.split() == [b"held"] * 4, ran.stderr


async def test_the_group_that_is_killed_cannot_be_left(tmp_path: Path) -> None:
    ran = await attack(
        the_sandbox("landlock"),
        "import os\nfor call in (os.setsid, os.setpgrp):\n"
        "    if os.fork() == 0:\n"
        "        try: call(); print('left')\n"
        "        except OSError: print('held')\n"
        "        os._exit(0)\n"
        "    os.wait()\n",
        tmp_path,
    )

    assert b"left" not in ran.stdout


async def test_symbolic_links_out_of_the_workspace_are_not_taken_over(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "result.json").write_text("{}")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("x")
    code = (
        "import os, shutil\nos.remove('result.json'); os.symlink('/etc/shadow', 'result.json')\n"
        "shutil.rmtree('folder'); os.symlink('/etc', 'folder'); os.mkfifo('pipe')\n"
        "open('good', 'w').write('good')\n"
        "deep = '/'.join(['d'] * 60); os.makedirs(deep); open(deep + '/x', 'w')\n"
    )
    ran = await attack(sandbox, code, tmp_path)

    assert ran.succeeded, ran.stderr
    assert {"result.json (a symbolic link)", "folder (a symbolic link)", "pipe (a pipe)"} <= set(ran.refused)
    assert (tmp_path / "good").read_text() == "good"
    assert not (tmp_path / "result.json").exists()
    assert not (tmp_path / "folder").exists()
    assert not [path for path in below(tmp_path) if path.is_symlink()]
    assert max(len(path.relative_to(tmp_path).parts) for path in below(tmp_path)) <= 32


async def test_links_that_lie_in_the_workspace_already_are_not_brought_in(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "secret").symlink_to("/etc/passwd")
    ran = await sandbox.run(("cat", "secret"), tmp_path)

    assert ran.exit != 0
    assert ran.stdout == b""
