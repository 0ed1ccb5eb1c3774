"""A day of use in minutes: talk, tasks, files and open pages, again and again; nothing grows with it.

`COS_DAY_MINUTES=60 pytest tests/acceptance/test_day.py --long -s` runs it at full length.
"""

import asyncio
import os
import statistics
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import psutil
import pytest
import pytest_asyncio

from agentops import AgentOpsClient
from agentops.wire import NewTask, TaskId
from tests.acceptance.stack import ROOT, Stack, running
from tests.waiting import eventually

MINUTES = float(os.environ.get("COS_DAY_MINUTES", "4"))
CSV = (ROOT / "docs/examples/coffee-sales.csv").read_bytes()
ROUNDS_AT_LEAST = 6
MORE_MEMORY = 1.15
"""By so much a part may be larger in the last third than it was in the middle one: allocators breathe."""
MORE_FILES = 8
SPARE_MB = 12.0

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.long,
    pytest.mark.timeout(600 + 120 * MINUTES),
]


@dataclass
class Sizes:
    """What the parts hold, round by round."""

    memory_mb: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    files: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def note(self, pids: dict[str, int]) -> None:
        """Look at each part."""
        for part, pid in pids.items():
            process = psutil.Process(pid)
            self.memory_mb[part].append(process.memory_info().rss / 1e6)
            self.files[part].append(process.num_fds())

    def grown(self) -> list[str]:
        """What went on growing after it had settled; the first third is for settling."""
        found = []
        for part, sizes in self.memory_mb.items():
            middle, last = _thirds(sizes)
            if last > middle * MORE_MEMORY + SPARE_MB:
                found.append(f"{part}: {middle:.0f} MB, then {last:.0f} MB")
        for part, counts in self.files.items():
            middle, last = _thirds(counts)
            if last > middle + MORE_FILES:
                found.append(f"{part}: {middle:.0f} open files, then {last:.0f}")
        return found

    def table(self) -> str:
        """A line for each part: at first, in the middle, at the end."""
        lines = []
        for part in self.memory_mb:
            memory, files = self.memory_mb[part], self.files[part]
            middle, last = _thirds(memory)
            held = f"{memory[0]:>7.0f} MB{middle:>7.0f} MB{last:>7.0f} MB"
            lines.append(f"{part:<9}{held}  files {files[0]}, {files[-1]}")
        return "\n".join(lines)


def _thirds(values: list[float] | list[int]) -> tuple[float, float]:
    """The medians of the middle third and of the last."""
    third = len(values) // 3
    return statistics.median(values[third : 2 * third]), statistics.median(values[2 * third :])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A system of its own: other tests would leave their marks on its size."""
    async with running(tmp_path_factory.mktemp("day") / "home") as stack:
        yield stack


async def test_memory_and_open_files_stay_as_they_are(busy: Stack) -> None:
    loop = asyncio.get_running_loop()
    ends, rounds, sizes = loop.time() + 60 * MINUTES, 0, Sizes()
    pids = busy.pids_now()
    async with busy.ops() as ops, httpx.AsyncClient(base_url=busy.panel, follow_redirects=True) as tab:
        await tab.get(busy.login_url)
        while rounds < ROUNDS_AT_LEAST or loop.time() < ends:
            await an_hour(busy, ops, tab, rounds)
            sizes.note(pids)
            rounds += 1
        assert busy.pids_now() == pids, "a part was started anew"
    print(f"{rounds} rounds\n{sizes.table()}")  # noqa: T201
    assert sizes.grown() == []


async def an_hour(stack: Stack, ops: AgentOpsClient, tab: httpx.AsyncClient, number: int) -> None:
    """A question, some tasks with a file, each page once; until all of it is done."""
    answer = await stack.chat(f"person-{number % 5}", "what is going on?")
    assert answer.status_code == 200, answer.text
    file = await ops.upload(f"sales-{number}.csv", CSV, media_type="text/csv")
    tasks = [
        await ops.create_task(NewTask(title=f"Analyse sales.csv, time {n}", attachments=[file.id]))
        for n in range(3)
    ]
    for path in ("/", "/talk", "/tasks", f"/tasks/{tasks[0].id}", "/agents", "/costs", "/settings"):
        assert (await tab.get(path)).status_code == 200, path
    for task in tasks:
        await eventually(lambda task_id=task.id: _over(ops, task_id), timeout_s=180, every_s=0.5)  # type: ignore[misc]


async def _over(ops: AgentOpsClient, task_id: TaskId) -> bool:
    task = await ops.get_task(task_id)
    assert task.status not in {"failed", "cancelled"}, task.error
    return task.status == "completed"
