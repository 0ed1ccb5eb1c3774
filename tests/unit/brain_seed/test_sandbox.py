"""A command runs in a copy of its workspace, under limits, and what it made comes back."""

import asyncio
import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from brain.seed.sandbox import Limits, Ran, Sandbox, SandboxUnavailable
from brain.seed.sandbox.box import Box
from brain.seed.sandbox.bubblewrap import Bubblewrap
from brain.seed.sandbox.errors import BoxBroken
from brain.seed.sandbox.files import Freight
from tests.unit.brain_seed.sandboxes import KINDS, names_in, the_sandbox
from tests.waiting import eventually


@pytest.fixture(params=KINDS)
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """Each kind that this machine has."""
    return the_sandbox(request.param)


async def python(sandbox: Sandbox, code: str, workspace: Path, limits: Limits = Limits()) -> Ran:  # noqa: B008
    return await sandbox.run((sandbox.python, "-I", "-S", "-c", code), workspace, limits=limits)


async def test_a_command_reads_its_input_and_says_its_status(sandbox: Sandbox, tmp_path: Path) -> None:
    ran = await sandbox.run(("sh", "-c", "cat; echo no >&2; exit 3"), tmp_path, stdin=b"hello")

    assert (ran.exit, ran.stdout, ran.stderr, ran.stopped) == (3, b"hello", b"no\n", None)
    assert not ran.succeeded


async def test_a_program_that_is_not_there_is_a_status_and_not_an_exception(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    ran = await sandbox.run(("no-such-program",), tmp_path)

    assert ran.exit != 0
    assert b"no-such-program" in ran.stderr


async def test_files_are_there_and_what_changed_comes_back(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "changed").write_text("before")
    (tmp_path / "removed").write_text("x")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "old").write_text("old")
    kept = (tmp_path / "kept").stat().st_ino
    script = (
        "cat kept deep/er/old && printf after > changed && rm removed && mkdir -p new/folder"
        " && echo made > new/folder/file && rm -r deep"
    )
    ran = await sandbox.run(("sh", "-c", script), tmp_path)

    assert (ran.exit, ran.stdout, ran.refused) == (0, b"keptold", ())
    assert (tmp_path / "changed").read_text() == "after"
    assert (tmp_path / "new" / "folder" / "file").read_text() == "made\n"
    assert names_in(tmp_path) == ["changed", "kept", "new"]
    assert (tmp_path / "kept").stat().st_ino == kept, "an unchanged file is not copied"


async def test_a_change_that_hides_its_time_comes_back_too(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("before")
    code = (
        "import os\nwas = os.stat('file')\nopen('file', 'w').write('after!')\n"
        "os.utime('file', ns=(was.st_atime_ns, was.st_mtime_ns))"
    )
    await python(sandbox, code, tmp_path)

    assert (tmp_path / "file").read_text() == "after!"


async def test_it_stops_at_its_time(sandbox: Sandbox, tmp_path: Path) -> None:
    ran = await python(sandbox, "while True: pass", tmp_path, Limits(wall_s=0.5))

    assert ran.stopped == "time"
    assert not ran.succeeded


async def test_endless_computing_stops_at_its_processor_time(sandbox: Sandbox, tmp_path: Path) -> None:
    ran = await python(sandbox, "while True: pass", tmp_path, Limits(wall_s=30, cpu_s=1))

    assert ran.exit in (128 + 9, 128 + 24)
    assert ran.stopped is None


async def test_endless_output_stops_at_its_limit(sandbox: Sandbox, tmp_path: Path) -> None:
    ran = await sandbox.run(("sh", "-c", "yes"), tmp_path, limits=Limits(output_bytes=10_000))

    assert ran.stopped == "output"
    assert len(ran.stdout) == 10_000


async def test_cancelling_ends_everything_that_was_started(sandbox: Sandbox, tmp_path: Path) -> None:
    mark = f"31{os.getpid()}.{sandbox.kind == 'landlock':d}"
    script = f"sleep {mark} & (sleep {mark} &) ; wait; sleep {mark}"
    running = asyncio.create_task(sandbox.run(("sh", "-c", script), tmp_path))
    await eventually(lambda: len(_sleeping(mark)) >= 2)
    running.cancel()
    await asyncio.wait({running})

    assert running.cancelled()
    assert not _sleeping(mark)


async def test_what_is_left_in_the_background_ends_with_the_command(sandbox: Sandbox, tmp_path: Path) -> None:
    mark = f"32{os.getpid()}.{sandbox.kind == 'landlock':d}"
    began = time.monotonic()
    ran = await sandbox.run(("sh", "-c", f"sleep {mark} & exit 0"), tmp_path)

    assert ran.exit == 0
    assert time.monotonic() - began < 20
    assert not _sleeping(mark)


async def test_a_command_that_is_gone_before_it_is_looked_at_has_ended() -> None:
    process = await asyncio.create_subprocess_exec("true")
    await process.wait()
    box = Box(process, Limits(), Freight(None), in_memory=False)
    box.hold(process.pid)
    async with asyncio.timeout(10):
        await box.ended()
        await box.close()


async def test_several_run_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    async def one(number: int) -> bytes:
        folder = tmp_path / str(number)
        folder.mkdir()
        return (await sandbox.run(("sh", "-c", f"sleep 0.2; echo {number}"), folder)).stdout

    assert await asyncio.gather(*map(one, range(4))) == [f"{number}\n".encode() for number in range(4)]


async def test_a_workspace_that_does_not_fit_is_refused_in_words(tmp_path: Path) -> None:
    sandbox = the_sandbox("bubblewrap")
    (tmp_path / "big").write_bytes(bytes(3 << 20))
    with pytest.raises(BoxBroken, match="does not fit into the sandbox: No space left"):
        await sandbox.run(("true",), tmp_path, limits=Limits(disk_mb=2))


async def test_a_machine_without_bubblewrap_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxUnavailable, match="install the package `bubblewrap`"):
        await Bubblewrap.find()


async def test_a_machine_that_forbids_namespaces_is_told_what_bubblewrap_said(tmp_path: Path) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    program.chmod(0o755)

    async def find() -> Bubblewrap:
        return Bubblewrap(program, None, sys.executable)

    with pytest.raises(
        SandboxUnavailable, match=r"does not work here .*setting up uid map: Permission denied"
    ):
        await Sandbox.tried(find)


async def test_a_killed_worker_leaves_nothing_running(tmp_path: Path) -> None:
    the_sandbox("bubblewrap")
    mark = f"33{os.getpid()}"
    code = (
        "import asyncio, pathlib\nfrom brain.seed.sandbox import Sandbox\n"
        "async def main():\n    sandbox = await Sandbox.open()\n"
        f"    script = 'setsid sleep {mark} & sleep {mark}'\n"
        f"    await sandbox.run(('sh', '-c', script), pathlib.Path({str(tmp_path)!r}))\n"
        "asyncio.run(main())"
    )
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.DEVNULL, cwd=Path(__file__).parents[3]
    )
    await eventually(lambda: len(_sleeping(mark)) == 2, timeout_s=60)
    worker.kill()
    await worker.wait()
    await eventually(lambda: not _sleeping(mark))


def _sleeping(mark: str) -> list[int]:
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["cmdline"] == ["sleep", mark] and process.info["status"] != psutil.STATUS_ZOMBIE
    ]
