"""The supervisor, over real processes that stand in for the parts."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from ops.errors import StartFailed
from ops.logs import LogView
from ops.process import PartProcess
from ops.supervisor import Supervisor
from tests.waiting import eventually

ROOT = str(Path(__file__).resolve().parents[3])
STAND_IN = """
import pathlib, signal, sys, time
name, ready = sys.argv[1], pathlib.Path(sys.argv[2])
def stop(*_):
    print(name, "stopped", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print(name, "started", flush=True)
ready.touch()
time.sleep(600)
"""


def part(home: Path, name: str, code: str = STAND_IN, **more: float) -> PartProcess:
    """A part that is ready when it has made its file."""
    (home / "logs").mkdir(exist_ok=True)
    ready = home / f"{name}.ready"

    async def is_ready() -> bool:
        return ready.exists()

    return PartProcess(
        name,
        environment=lambda: dict(os.environ),
        home=home,
        ready=is_ready,
        view=LogView(lambda _: None),
        command=(sys.executable, "-c", code, name, str(ready)),
        timeout_s=more.get("timeout_s", 20),
        stop_s=more.get("stop_s", 2),
    )


async def forever() -> None:
    """Nothing more to do when ready."""


class Running:
    """A supervisor at work; cancelled on leaving."""

    def __init__(self, *stages: list[PartProcess]):
        self.order: list[str] = []
        self.supervisor = Supervisor(stages, stages[::-1], started=self.order.append)
        self.ready = asyncio.Event()

    async def __aenter__(self) -> "Running":
        async def is_ready() -> None:
            self.ready.set()

        self.task = asyncio.create_task(self.supervisor.run(is_ready))
        await self.ready.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])


async def test_stages_start_in_order_and_stop_in_reverse(tmp_path: Path) -> None:
    first, second = part(tmp_path, "first"), part(tmp_path, "second")
    async with Running([first], [second]) as running:
        assert running.order == ["first", "second"]
        pids = [first.pid, second.pid]
    assert not any(psutil.pid_exists(pid) for pid in pids)
    stopped = [(tmp_path / "logs" / f"{name}.log").stat().st_mtime_ns for name in ("second", "first")]
    assert stopped == sorted(stopped)


async def test_what_is_killed_is_started_again(tmp_path: Path) -> None:
    one = part(tmp_path, "one")
    async with Running([one]):
        killed = one.pid
        os.kill(killed, signal.SIGKILL)
        await eventually(lambda: one.pid != killed and psutil.pid_exists(one.pid))
        await eventually(lambda: one.log.read_text().count("started") == 2)


async def test_what_crashes_again_and_again_is_tried_ever_more_slowly(tmp_path: Path) -> None:
    code = "import pathlib, sys; pathlib.Path(sys.argv[2]).touch(); print('started', flush=True)"
    one = part(tmp_path, "one", code)
    async with Running([one]):
        begun = time.monotonic()
        await eventually(lambda: one.log.read_text().count("started") == 4)
        assert time.monotonic() - begun > 0.2 + 0.4 + 0.8


async def test_a_failed_start_stops_all_and_says_why(tmp_path: Path) -> None:
    good = part(tmp_path, "good")
    bad = part(tmp_path, "bad", "import sys; sys.exit('no such setting')")
    with pytest.RaisesGroup(pytest.RaisesGroup(pytest.RaisesExc(StartFailed, match="no such setting"))):
        await Supervisor([[good], [bad]], [[bad], [good]]).run(forever)
    assert not psutil.pid_exists(good.pid)


async def test_what_is_never_ready_is_given_up(tmp_path: Path) -> None:
    slow = part(tmp_path, "slow", "import time; print('thinking', flush=True); time.sleep(600)", timeout_s=1)
    with pytest.raises(StartFailed, match="not ready after 1 s"):
        await slow.start()
    assert not psutil.pid_exists(slow.pid)


async def test_what_does_not_stop_is_killed(tmp_path: Path) -> None:
    deaf = part(
        tmp_path,
        "deaf",
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        + STAND_IN.replace("signal.signal(signal.SIGTERM, stop)", ""),
        stop_s=0.3,
    )
    await deaf.start()
    async with asyncio.timeout(20):
        await deaf.stop()
    assert not psutil.pid_exists(deaf.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
async def test_children_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
sys.path.insert(0, {ROOT!r})
from pathlib import Path
from tests.integration.ops.test_supervisor import part, Supervisor
one = part(Path(sys.argv[1]), "one")
async def say():
    print(one.pid, flush=True)
asyncio.run(Supervisor([[one]], [[one]]).run(say))
"""
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert supervisor.stdout is not None
    child = int(await supervisor.stdout.readline())
    supervisor.kill()
    await supervisor.wait()
    await eventually(lambda: not psutil.pid_exists(child))
