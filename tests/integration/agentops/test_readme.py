"""The examples of the SDK's README run as they stand."""

import asyncio
import os
import re
import sys
from pathlib import Path

import agentops
from agentops import AgentOpsClient
from agentops.wire import GateAnswer, GateStatus, NewTask, TaskStatus
from tests.waiting import eventually

README = Path(agentops.__file__).parent.parent / "README.md"
EXAMPLES = dict(
    re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?```python\n(.*?)```", README.read_text(), re.M | re.S)
)
"""By heading."""
PRINTED = {
    "Ask for work": "task 1 is pending",
    "Do work by hand": "sales.csv 19",
    "Hear of it": "task.completed Analyse sales.csv",
    "Know who you talk to": "Ada owner",
    "When something goes wrong": "somebody was faster",
    "Test without a ledger": "the task is pending\nnobody is there",
    "Carry a trace": "task.created 00-4bf92f3577b34da6a3ce929d0e0e4736",
    "Let callers in by their ledger key": "may work",
}


async def started(example: str, url: str, key: str) -> asyncio.subprocess.Process:
    """An example as a program of its own."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        example,
        env={**os.environ, "LEDGER_URL": url, "LEDGER_API_KEY": key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def ended(program: asyncio.subprocess.Process) -> str:
    """What it has printed when it has ended well."""
    async with asyncio.timeout(30):
        output, _ = await program.communicate()
    assert program.returncode == 0, output.decode()
    return output.decode()


async def run(example: str, url: str, key: str) -> str:
    """What an example prints."""
    return await ended(await started(example, url, key))


async def test_the_examples_run_in_their_order(ops: AgentOpsClient, ledger_url: str, admin_key: str) -> None:
    for heading, printed in PRINTED.items():
        assert printed in await run(EXAMPLES[heading], ledger_url, admin_key), heading
    assert (await ops.find_task(1)).status is TaskStatus.COMPLETED


def test_every_example_is_tried() -> None:
    assert set(EXAMPLES) == {*PRINTED, "Do work"}
    assert README.read_text().count("```python") == len(EXAMPLES)


async def test_the_worker_of_ten_lines_works(ops: AgentOpsClient, ledger_url: str, agent_key: str) -> None:
    data = await ops.upload("sales.csv", b"month,total\nMay,12\n", media_type="text/csv")
    task = await ops.create_task(NewTask(title="Report", attachments=[data.id]))
    worker = await started(EXAMPLES["Do work"], ledger_url, agent_key)
    try:
        (gate,) = await eventually(lambda: ops.list_gates(status=GateStatus.OPEN), timeout_s=30)
        await ops.answer_gate(gate.id, GateAnswer(answer="German"))

        async def done() -> dict[str, object] | None:
            return (await ops.get_task(task.id)).result

        assert await eventually(done) == {"summary": "Read 1 files, reported in German."}
    finally:
        worker.terminate()
        await ended(worker)
    assert {file.name for file in await ops.list_artifacts(task.id)} == {"sales.csv", "report.md"}
