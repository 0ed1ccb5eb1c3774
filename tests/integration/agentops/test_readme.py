"""The examples of the SDK's README run as they stand."""

import asyncio
import os
import re
import sys
from pathlib import Path

import agentops
from agentops import AgentOpsClient
from agentops.wire import TaskStatus

README = Path(agentops.__file__).parent.parent / "README.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)


async def run(example: str, url: str, key: str) -> str:
    """What an example prints, run as a program of its own."""
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        example,
        env={**os.environ, "LEDGER_URL": url, "LEDGER_API_KEY": key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(30):
        output, _ = await program.communicate()
    assert program.returncode == 0, output.decode()
    return output.decode()


async def test_the_examples_run_in_their_order(ops: AgentOpsClient, ledger_url: str, admin_key: str) -> None:
    ask, work, hear, wrong, verify = EXAMPLES
    assert "task 1 is pending" in await run(ask, ledger_url, admin_key)
    assert "sales.csv 19" in await run(work, ledger_url, admin_key)
    assert "task.completed Analyse sales.csv" in await run(hear, ledger_url, admin_key)
    assert "somebody was faster" in await run(wrong, ledger_url, admin_key)
    assert "may work" in await run(verify, ledger_url, admin_key)
    assert (await ops.find_task(1)).status is TaskStatus.COMPLETED
