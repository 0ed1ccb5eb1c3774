"""`cos up` as people and scripts start it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ops.embedded.identity import CAP_DAC_READ_SEARCH, Identity, Mode, open_to_all
from ops.embedded.processes import Leash
from ops.runstate import Home
from tests.integration.ops.commands import Cos
from tests.integration.ops.installations import (
    COS,
    NOBODY,
    PARTS,
    Installation,
    Start,
    environment,
    start_over,
)
from tests.ports import free_base_port

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts installations, and stops those that still run after the test."""
    started: list[Installation] = []

    def begin(home: Path, *before: str, **more: str) -> Installation:
        home.parent.mkdir(parents=True, exist_ok=True)
        started.append(start_over(home, *before, **more))
        return started[-1]

    yield begin
    for installation in started:
        installation.close()


async def test_without_anything_running_they_say_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")  # no `.env` of the project's is read
    for words in (["login"], ["status"], ["chat", "hello"]):
        said = await Cos(home)(*words)
        assert said.code == 1
        assert "Nothing runs" in said.err


@pytest.mark.long
def test_given_services_are_used_and_left_running(
    home: Path, start: Start, postgres_dsn: str, redis_url: str
) -> None:
    running = start(home, DATABASE_URL=postgres_dsn, REDIS_URL=redis_url)
    assert set(running.up.pids) == PARTS - {"postgres", "redis"}
    assert not (home / "postgres").exists()
    running.stop()


@pytest.mark.long
@pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux" or not open_to_all(Path(sys.prefix)),
    reason="needs root on Linux to become another user, and a clone that others may enter",
)
def test_an_ordinary_user_runs_all_of_it(home: Path, start: Start) -> None:
    identity = Identity(Mode.USER, NOBODY, NOBODY, CAP_DAC_READ_SEARCH)
    os.chown(home.parent, NOBODY, NOBODY)
    # The environment's own HOME is not this user's.
    running = start(home, *Leash(signal.SIGTERM, identity).wrap([]), HOME=str(home.parent))
    assert {psutil.Process(pid).uids().real for pid in running.up.pids.values()} == {NOBODY}


def test_a_taken_port_is_named_and_nothing_is_started(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = subprocess.run(
            [*COS, "up", "--json", "--home", str(home)],
            capture_output=True,
            text=True,
            env=environment(LEDGER_PORT=str(port)),
            cwd="/",
            timeout=60,
            check=False,
        )
    assert (said.returncode, said.stdout) == (1, "")
    assert str(port) in said.stderr
    assert "Traceback" not in said.stderr
    assert not (home / "postgres").exists()


def test_ctrl_c_while_it_starts_stops_what_was_started(home: Path) -> None:
    process = subprocess.Popen(
        [*COS, "up", "--home", str(home), "--base-port", str(free_base_port())],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        cwd="/",
    )
    assert process.stderr is not None
    with process.stderr:
        deadline = time.monotonic() + 60
        while (state := Home(home).read()) is None or "postgres" not in state.parts:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
    assert not any(psutil.pid_exists(running.pid) for running in state.parts.values())
