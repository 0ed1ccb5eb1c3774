"""What runs after `cos up`: other commands find it, and what is killed comes back."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import msgspec
import psutil
import pytest

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from tests.integration.ops.installations import (
    BOT_TOKEN,
    MODEL_KEY,
    PARTS,
    Installation,
    start_over,
)
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for all; its last test kills it. Nobody answers for Telegram.

    It lies in a path with spaces and quotes, longer than a socket's may be.
    """
    parent = tmp_path_factory.mktemp("with spaces and 'quotes'").joinpath(*["x" * 40] * 4)
    parent.mkdir(parents=True)
    running = start_over(
        parent / "home",
        TELEGRAM_BOT_TOKEN=BOT_TOKEN,
        TELEGRAM_API_BASE="http://127.0.0.1:9",
        ANTHROPIC_API_KEY=MODEL_KEY,
    )
    yield running
    running.close()


async def test_one_line_says_all_that_a_script_needs(shared: Installation) -> None:
    up = shared.up
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


@pytest.mark.long  # in every run, tests/acceptance/test_faults.py kills them in the middle of work
@pytest.mark.parametrize("part", sorted(PARTS))
async def test_whatever_is_killed_comes_back(shared: Installation, part: str) -> None:
    killed = shared.pid(part)
    os.kill(killed, signal.SIGKILL)
    await eventually(lambda: shared.pid(part) != killed, timeout_s=60)
    async with AgentOpsClient(url=shared.up.ledger, api_key=shared.up.admin_key) as ledger:
        await eventually(lambda: seed_is_online(ledger), timeout_s=60)
    answer = shared.cos("chat", "What is going on?")
    assert answer.returncode == 0, answer.stderr


def test_the_line_is_json_with_stable_names(shared: Installation) -> None:
    assert set(json.loads(msgspec.json.encode(shared.up))) == {
        *("panel", "login_url", "ledger", "chief", "gateway"),
        *("admin_key", "agent_key", "reader_key", "pids"),
    }


async def test_a_killed_supervisor_leaves_nothing_that_hinders_the_next(shared: Installation) -> None:
    first = shared
    said = first.cos("chat", "Create a task to water the plants")
    assert said.returncode == 0, said.stderr
    first.process.kill()
    first.process.wait()
    with closing(start_over(first.home)) as second:
        await found_again(first, second)
        second.stop()
        assert not any(psutil.pid_exists(pid) for pid in second.up.pids.values())
        assert second.process.stdout is not None
        assert second.process.stdout.read() == ""


async def found_again(first: Installation, second: Installation) -> None:
    """The second has what the first had, and nothing of the first still runs."""
    # Children are told of their parent's death by the kernel (Linux), else stopped by the next start.
    await eventually(lambda: not any(psutil.pid_exists(pid) for pid in first.up.pids.values()))
    assert second.up.admin_key == first.up.admin_key
    async with httpx.AsyncClient(trust_env=False) as client:
        headers = {"Authorization": f"Bearer {second.up.admin_key}"}
        page = (await client.get(f"{second.up.ledger}/api/v1/tasks", headers=headers)).json()
    assert len(page["items"]) == 1
