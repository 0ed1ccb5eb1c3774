"""A disk that is full: what cannot be kept is refused, and when there is room again all goes on by itself."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError, Unavailable
from agentops.wire import NewTask, TaskId
from tests.acceptance.stack import Stack, running
from tests.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long, pytest.mark.timeout(600)]

SIZE_MB = 700
BACK_WITHIN_S = 120


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of its own; whoever may not mount one cannot run this."""
    place = tmp_path_factory.mktemp("disk")
    if os.system(f"mount -t tmpfs -o size={SIZE_MB}m,mode=755 tmpfs {place} 2>/dev/null"):  # noqa: S605 - our path
        pytest.skip("mounting a small disk needs the rights of root")
    yield place
    os.system(f"umount -l {place}")  # noqa: S605 - our path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tight(small_disk: Path) -> AsyncIterator[Stack]:
    """A system whose data lie on that disk."""
    async with running(small_disk / "home") as stack:
        yield stack


def fill(ballast: Path) -> None:
    """Leave no byte free."""
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 65_536)


async def test_nothing_that_was_taken_is_lost_and_work_goes_on_when_there_is_room(
    tight: Stack, small_disk: Path
) -> None:
    async with tight.ops() as ops:
        before = await ops.create_task(NewTask(title="Taken before the disk was full"))
        fill(small_disk / "ballast")
        taken = {before.id} | await _pressed(ops)
        (small_disk / "ballast").unlink()

        async def works() -> bool:
            with suppress(AgentOpsError, httpx.HTTPError):
                task = await ops.create_task(NewTask(title="Taken when there was room again"))
                taken.add(task.id)
                answer = await tight.chat("main", "what is going on?")
                return answer.status_code == 200
            return False

        await eventually(works, timeout_s=BACK_WITHIN_S, every_s=1)
        for task_id in taken:
            await ops.get_task(TaskId(task_id))


async def _pressed(ops: AgentOpsClient) -> set[str]:
    """Ask for more than there is room for; what was taken all the same. Nothing hangs."""
    taken: set[str] = set()
    refused = {"file": 0, "task": 0}
    for number in range(200):
        async with asyncio.timeout(60):
            try:
                await ops.upload(f"{number}.bin", os.urandom(90_000), media_type="application/octet-stream")
            except Unavailable:
                refused["file"] += 1
            try:
                new = NewTask(title=f"Task {number}", description=os.urandom(9_000).hex())
                taken.add((await ops.create_task(new)).id)
            except Unavailable:
                refused["task"] += 1
        if min(refused.values()) > 2:
            break

    assert refused["file"]
    return taken
