"""What runs after `cos up`: other commands find it, and what is killed comes back."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

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


ALL_ALIKE = PARTS - {"ledger", "postgres"}
"""The supervisor does with these what it does with the others."""


@pytest.mark.parametrize(
    "part", [pytest.param(part, marks=[pytest.mark.long] * (part in ALL_ALIKE)) for part in sorted(PARTS)]
)
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
