"""What the user guide tells people to type does what it says, in its order, on a system that runs."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from agentops import AgentOpsClient
from agentops.wire import NewPairing, NewPerson
from tests.acceptance.stack import COS, ROOT, Stack, clean_environment, running
from tests.unit.ops.test_documented_commands import commands
from tests.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.long, pytest.mark.timeout(600)]

GUIDE = (ROOT / "docs/USER_GUIDE.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```sh\n.*?^```", re.MULTILINE | re.DOTALL)
_CODES = ("K7MXQ2RP",)
"""Codes of the guide's strangers, in whose place the test's own ones are let in and sent away."""
PASSPHRASE = "twelve brown geese fly"
ENDLESS = (["logs", "-f"], ["mcp"])
FAILING = (["task", "cancel", "1"], ["task", "retry", "1"])
"""The task is done by then, and the commands say so."""


@pytest_asyncio.fixture(loop_scope="session")
async def fresh(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A system of its own: the guide counts its tasks from one."""
    async with running(tmp_path_factory.mktemp("guide") / "home") as started:
        yield started


async def test_every_block_of_the_guide_runs(fresh: Stack, tmp_path: Path) -> None:
    async with fresh.ops() as ops:
        await ops.create_person(NewPerson(name="Ada"))
        for words in commands("\n".join(_BLOCK.findall(GUIDE))):
            typed = [await _code(ops) if word in _CODES else word for word in words]
            if words == ["task", "fetch", "1", "results"]:
                await eventually(lambda: _done(ops), timeout_s=120, every_s=0.5)
            code, said = await _run(fresh, typed, tmp_path, endless=words in ENDLESS)
            assert code == (1 if words in FAILING else 0), f"cos {' '.join(words)}: {said}"
            assert "Traceback" not in said
        assert {one.name for one in (tmp_path / "results").iterdir()} == {"report.md", "chart.png"}
        assert (tmp_path / "ada.zip").stat().st_size > 0
        assert "Ada" not in {person.name for person in await ops.list_people()}


async def _run(stack: Stack, words: list[str], where: Path, *, endless: bool) -> tuple[int, str]:
    """One command, typed in a folder that holds the project's examples; what it said, and how it ended."""
    examples = where / "docs"
    if not examples.exists():
        examples.symlink_to(ROOT / "docs")
    process = await asyncio.create_subprocess_exec(
        COS, *words,
        cwd=where,
        env=clean_environment({"COS_HOME": str(stack.home), "COS_BACKUP_PASSPHRASE": PASSPHRASE}),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    if endless:
        assert process.stdin is not None
        done, _ = await asyncio.wait({asyncio.create_task(process.wait())}, timeout=5)
        if not done:
            process.terminate()
        said = (await process.communicate())[0].decode()
        return 0, said
    said = (await asyncio.wait_for(process.communicate(b"y\n"), 120))[0].decode()
    return process.returncode or 0, said


async def _code(ops: AgentOpsClient) -> str:
    """Of a stranger who waits at the door: a new one each time."""
    waiting = len(await ops.list_pairings())
    pairing = await ops.create_pairing(
        NewPairing(channel="telegram", address=f"70{waiting}", display_name="A stranger")
    )
    return pairing.code


async def _done(ops: AgentOpsClient) -> bool:
    return (await ops.list_tasks()).items[-1].status == "completed"
