"""A tool's tests and calls run in the sandbox, and what goes wrong there is said."""

from pathlib import Path

import pytest

from brain.seed.making import trying
from brain.seed.sandbox import Sandbox
from tests.unit.brain_seed.readings import READINGS, RIGHT, WRONG, a_draft
from tests.unit.brain_seed.sandboxes import names_in, the_sandbox
from tests.unit.brain_seed.test_sandbox_network import GRANTED, served, to_this_machine


@pytest.fixture
def sandbox() -> Sandbox:
    """Landlock's may have another Python here, without pytest."""
    return the_sandbox("bubblewrap")


async def test_tests_pass_or_say_why_not(sandbox: Sandbox) -> None:
    assert await trying.test(sandbox, a_draft().files) is None
    said = await trying.test(sandbox, a_draft(WRONG).files)

    assert said is not None
    assert "test_a_reading_becomes_celsius" in said
    assert "22.0" in said


async def test_tests_that_skip_everything_do_not_pass(sandbox: Sandbox) -> None:
    skipping = "import pytest\nfrom tool import run\n\n@pytest.mark.skip\ndef test_it():\n    assert run\n"

    assert "1 skipped" in (await trying.test(sandbox, a_draft(tests=skipping).files) or "")


async def test_a_call_reads_and_writes_the_workspace(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text(READINGS)
    answer = await trying.call(sandbox, RIGHT, {"file": "in.txt"}, tmp_path)

    assert answer == trying.Answer(value={"readings": 30, "file": "readings.csv"})
    table = (tmp_path / "readings.csv").read_text().splitlines()
    assert (len(table), table[1]) == (31, "S01,07:00,16.2")
    assert names_in(tmp_path) == ["in.txt", "readings.csv"]


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("def run(): raise ValueError('line 3 is odd')", "ValueError: line 3 is odd"),
        ("def run(): import os; os._exit(7)", "ended with status 7 and no result"),
        ("def run(): import sys; sys.exit(3)", "ended with status 3 and no result"),
        ("def run(other: str): pass", "missing 1 required positional argument"),
        ("def run(): return bytearray(4 << 30)", "MemoryError"),
        ("def run(): open('/etc/passwd').read()", "FileNotFoundError"),
    ],
)
async def test_a_call_that_fails_says_so(sandbox: Sandbox, tmp_path: Path, code: str, complaint: str) -> None:
    answer = await trying.call(sandbox, code, {}, tmp_path)

    assert complaint in (answer.error or "")


async def test_a_tool_reaches_its_hosts_as_programs_do(sandbox: Sandbox, tmp_path: Path) -> None:
    code = "import httpx\n\ndef run(url: str):\n    return httpx.get(url).text"
    async with served() as (port, _), to_this_machine(port).open() as door:
        arguments = {"url": f"http://{GRANTED}:{port}/"}
        reached = await trying.call(sandbox, code, arguments, tmp_path, door)
        alone = await trying.call(sandbox, code, arguments, tmp_path)

    assert reached.value == "sunny"
    assert "ConnectError" in (alone.error or "")


async def test_what_a_tool_prints_is_not_its_result(sandbox: Sandbox, tmp_path: Path) -> None:
    answer = await trying.call(sandbox, "def run():\n    print('hello')\n    return [1, 'ä']", {}, tmp_path)

    assert answer.value == [1, "ä"]
