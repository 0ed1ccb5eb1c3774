"""`cos up` as people and scripts start it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from ops.embedded.identity import CAP_DAC_READ_SEARCH, Identity, Mode, open_to_all
from ops.embedded.processes import Leash
from ops.runstate import Home
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
from tests.waiting import eventually

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
        if installation.process.poll() is None:
            installation.stop()
        if installation.process.stdout is not None:
            installation.process.stdout.close()


@pytest.fixture(scope="module")
def in_a_long_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """In a path with spaces and quotes, longer than a socket's may be; its last test kills it."""
    parent = tmp_path_factory.mktemp("with spaces and 'quotes'").joinpath(*["x" * 40] * 4)
    parent.mkdir(parents=True)
    running = start_over(parent / "home")
    yield running
    if running.process.poll() is None:
        running.stop()
    if running.process.stdout is not None:
        running.process.stdout.close()


async def test_one_line_says_all_that_a_script_needs(in_a_long_path: Installation) -> None:
    up = in_a_long_path.up
    assert set(up.pids) == PARTS
    assert all(psutil.pid_exists(pid) for pid in up.pids.values())
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client:
        for url, path in ((up.ledger, "/api/v1/health/ready"), (up.chief, "/health/ready")):
            assert (await client.get(url + path)).status_code == 200
        keys = {"admin": up.admin_key, "agent": up.agent_key, "reader": up.reader_key}
        for scope, key in keys.items():
            answer = await client.get(
                f"{up.ledger}/api/v1/keys/self", headers={"Authorization": f"Bearer {key}"}
            )
            assert answer.json()["scope"] == scope
        assert up.login_url.startswith(f"{up.panel}/login?token=")
        assert (await client.get(up.login_url)).status_code == 200


async def test_a_killed_supervisor_leaves_nothing_that_hinders_the_next(
    in_a_long_path: Installation, start: Start
) -> None:
    first = in_a_long_path
    said = first.cos("chat", "Create a task to water the plants")
    assert said.returncode == 0, said.stderr
    first.process.kill()
    first.process.wait()
    second = start(first.home)
    # Children are told of their parent's death by the kernel (Linux), else stopped by the next start.
    await eventually(lambda: not any(psutil.pid_exists(pid) for pid in first.up.pids.values()))
    assert second.up.admin_key == first.up.admin_key
    async with httpx.AsyncClient(trust_env=False) as client:
        headers = {"Authorization": f"Bearer {second.up.admin_key}"}
        page = (await client.get(f"{second.up.ledger}/api/v1/tasks", headers=headers)).json()
    assert len(page["items"]) == 1

    second.stop()
    assert not any(psutil.pid_exists(pid) for pid in second.up.pids.values())
    assert second.process.stdout is not None
    assert second.process.stdout.read() == ""


def test_without_anything_running_they_say_so(home: Path) -> None:
    for words in (["login"], ["status"], ["chat", "hello"]):
        command = [*COS, *words, "--home", str(home)]
        said = subprocess.run(
            command, capture_output=True, text=True, env=environment(), cwd="/", timeout=60, check=False
        )
        assert said.returncode == 1
        assert "Nothing runs" in said.stderr


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
