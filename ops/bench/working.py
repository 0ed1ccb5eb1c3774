"""A worker process that does nothing, slowly: `python -m ops.bench.working URL NAME SLOTS WORK_S LEASE_S`.

The key comes in LEDGER_API_KEY. Claims, heartbeats and endings are those of every seed: `agentops.worker`.
"""

import asyncio
import os
import sys
from typing import Any

from agentops import AgentOpsClient
from agentops.worker import Job, run_worker


async def main(url: str, name: str, slots: int, work_s: float, lease_s: int) -> None:
    """Until SIGTERM, or worse."""

    async def work(job: Job) -> dict[str, Any]:
        job.progress(0.5, "halfway")
        await asyncio.sleep(work_s)
        return {"summary": f"done by {name}"}

    async with AgentOpsClient(url, os.environ["LEDGER_API_KEY"]) as ops:
        await run_worker(ops, name, work, slots=slots, lease_s=lease_s, poll_s=0.5)


if __name__ == "__main__":
    _, url, name, slots, work_s, lease_s = sys.argv
    asyncio.run(main(url, name, int(slots), float(work_s), int(lease_s)))
