"""`cos up` as people and scripts use it: the real command, the real parts."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
import psutil
import pytest

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from ops.embedded.identity import CAP_DAC_READ_SEARCH, Identity, Mode
from ops.embedded.processes import Leash
from ops.launcher import Up
from ops.runstate import Home
from tests.ports import free_base_port
from tests.waiting import eventually

COS = (sys.executable, str(Path(sys.executable).parent / "cos"))
NOBODY = 65534
BOT_TOKEN = "1234567:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
MODEL_KEY = "sk-of-a-model-that-is-not-asked"
PARTS = {"postgres", "redis", "ledger", "chief", "seed", "gateway", "ui"}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@dataclass(frozen=True)
class Installation:
    """A running `cos up --json`."""

    process: subprocess.Popen[str]
    home: Path
    up: Up
    errors: Path

    def cos(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another `cos` command over the same home."""
        command = [*COS, *words, "--home", str(self.home)]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, env=environment(), cwd="/"
        )

    def pid(self, part: str) -> int:
        """As `running.json` has it now."""
        state = Home(self.home).read()
        assert state is not None
        return state.parts[part].pid

    def stop(self) -> None:
        """SIGTERM, and a clean end."""
        self.process.terminate()
        assert self.process.wait(timeout=20) == 0


def environment(**more: str) -> dict[str, str]:
    """What a person's shell has, without any setting of ours."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"COS_MODEL": "offline"} | more


Start = Callable[..., Installation]


def start_over(home: Path, *before: str, **more: str) -> Installation:
    """Start and wait for the one line; `before` is put in front of the command."""
    errors = home.parent / "stderr.txt"
    with errors.open("a") as log:
        process = subprocess.Popen(
            [*before, *COS, "up", "--json", "--home", str(home), "--base-port", str(free_base_port())],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment(**more),
            cwd="/",
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.stdout.close()
        process.wait(timeout=20)
        raise AssertionError(errors.read_text()[-3000:])
    return Installation(process, home, msgspec.json.decode(line, type=Up), errors)


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
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for tests that leave it as it was; nobody answers for Telegram."""
    running = start_over(
        tmp_path_factory.mktemp("shared") / "home",
        TELEGRAM_BOT_TOKEN=BOT_TOKEN,
        TELEGRAM_API_BASE="http://127.0.0.1:9",
        ANTHROPIC_API_KEY=MODEL_KEY,
    )
    yield running
    running.stop()
    if running.process.stdout is not None:
        running.process.stdout.close()


async def test_one_line_says_all_that_a_script_needs_in_a_long_path_too(home: Path, start: Start) -> None:
    running = start(home.parent.joinpath(*["x" * 40] * 4, "home"))
    up = running.up
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

    running.stop()
    assert not any(psutil.pid_exists(pid) for pid in up.pids.values())
    assert running.process.stdout is not None
    assert running.process.stdout.read() == ""


def test_a_second_up_says_what_runs(shared: Installation) -> None:
    person = shared.cos("up")
    assert person.returncode == 0
    assert f"{shared.up.panel}/login?token=" in person.stderr
    assert str(shared.up.pids["ledger"]) in person.stderr
    script = shared.cos("up", "--json")
    assert (script.returncode, script.stdout) == (3, "")


def test_the_other_commands_find_what_runs(shared: Installation) -> None:
    assert shared.cos("login").stdout.startswith(f"{shared.up.panel}/login?token=")
    status = shared.cos("status").stdout
    assert "1 online" in status
    assert str(shared.up.pids["seed"]) in status
    answer = shared.cos("chat", "What is going on?")
    assert answer.returncode == 0
    assert "task" in answer.stdout


def test_without_anything_running_they_say_so(home: Path) -> None:
    for words in (["login"], ["status"], ["chat", "hello"]):
        command = [*COS, *words, "--home", str(home)]
        said = subprocess.run(
            command, capture_output=True, text=True, env=environment(), cwd="/", timeout=60, check=False
        )
        assert said.returncode == 1
        assert "Nothing runs" in said.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_each_process_holds_only_the_secrets_that_it_needs(shared: Installation) -> None:
    up = shared.up
    told = {part: Path(f"/proc/{shared.pid(part)}/environ").read_text() for part in PARTS}
    assert {part for part, text in told.items() if BOT_TOKEN in text} == {"gateway"}
    assert {part for part, text in told.items() if MODEL_KEY in text} == {"chief", "seed"}
    assert {part for part, text in told.items() if up.admin_key in text} == {"ledger", "chief", "gateway"}
    commands = [" ".join(psutil.Process(shared.pid(part)).cmdline()) for part in PARTS]
    secrets = (BOT_TOKEN, MODEL_KEY, up.admin_key, "postgresql://")
    assert not any(secret in line for line in commands for secret in secrets)


async def seed_is_online(ledger: AgentOpsClient) -> bool:
    """Whether the ledger answers, and has a worker."""
    try:
        return (await ledger.stats()).agents_online == 1
    except AgentOpsError:
        return False


@pytest.mark.parametrize("part", sorted(PARTS))
async def test_whatever_is_killed_comes_back(shared: Installation, part: str) -> None:
    killed = shared.pid(part)
    os.kill(killed, signal.SIGKILL)
    await eventually(lambda: shared.pid(part) != killed, timeout_s=60)
    async with AgentOpsClient(url=shared.up.ledger, api_key=shared.up.admin_key) as ledger:
        await eventually(lambda: seed_is_online(ledger), timeout_s=60)
    answer = shared.cos("chat", "What is going on?")
    assert answer.returncode == 0, answer.stderr


async def test_a_killed_supervisor_leaves_nothing_that_hinders_the_next(home: Path, start: Start) -> None:
    home = home.parent / "with spaces and 'quotes'" / "home"
    first = start(home)
    said = first.cos("chat", "Create a task to water the plants")
    assert said.returncode == 0, said.stderr
    first.process.kill()
    first.process.wait()
    second = start(home)
    # Children are told of their parent's death by the kernel (Linux), else stopped by the next start.
    await eventually(lambda: not any(psutil.pid_exists(pid) for pid in first.up.pids.values()))
    assert second.up.admin_key == first.up.admin_key
    async with httpx.AsyncClient(trust_env=False) as client:
        headers = {"Authorization": f"Bearer {second.up.admin_key}"}
        page = (await client.get(f"{second.up.ledger}/api/v1/tasks", headers=headers)).json()
    assert len(page["items"]) == 1


def test_given_services_are_used_and_left_running(
    home: Path, start: Start, postgres_dsn: str, redis_url: str
) -> None:
    running = start(home, DATABASE_URL=postgres_dsn, REDIS_URL=redis_url)
    assert set(running.up.pids) == PARTS - {"postgres", "redis"}
    assert not (home / "postgres").exists()
    running.stop()


@pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="needs root on Linux to become another user"
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


def test_the_line_is_json_with_stable_names(shared: Installation) -> None:
    assert set(json.loads(msgspec.json.encode(shared.up))) == {
        *("panel", "login_url", "ledger", "chief", "gateway"),
        *("admin_key", "agent_key", "reader_key", "pids"),
    }
