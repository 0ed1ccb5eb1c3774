"""What is killed, cut off or late: the task still ends once."""

import asyncio
import os
from pathlib import Path

import asyncpg
import psutil
import pytest

from agentops import AgentOpsClient, Unauthenticated
from agentops.wire import ClaimRequest, Release, Task
from brain.seed.main import serve
from tests.integration.brain_seed.conftest import (
    StartProcess,
    StartSeed,
    ended,
    give_csv,
    seed_settings,
)
from tests.integration.brain_seed.tables import big, sales
from tests.integration.brain_seed.wire import wire_to
from tests.ledger_fixtures import StartLedger
from tests.waiting import eventually


async def test_a_task_of_a_killed_worker_is_finished_once_by_another_which_also_cleans_up(
    start_ledger: StartLedger,
    admin_key: str,
    start_seed_process: StartProcess,
    start_seed: StartSeed,
    seed_home: Path,
) -> None:
    async with start_ledger(ledger_max_upload_mb=50) as url, AgentOpsClient(url, admin_key) as ops:
        async with start_seed_process(url, "seed-killed") as seed:
            task = await give_csv(ops, big(4))
            await eventually(lambda: has_progress(ops, task), timeout_s=20)
            skills = skill_processes(seed.process.pid)
            assert skills
            seed.kill()
            await seed.process.wait()
        await eventually(lambda: not any(is_alive(process) for process in skills))
        assert list((seed_home / "work").glob("worker-*/task-*"))
        async with start_seed(url=url, name="seed-heir"):
            done = await ended(ops, task.id, timeout_s=60)
        attempts = await ops.list_attempts(task.id)
        outputs = [found for found in await ops.list_artifacts(task.id) if found.kind == "output"]
        completions = await ops.list_events(after="0", types=["task.completed"], task_id=task.id)

    assert not list((seed_home / "work").glob("worker-*"))
    assert done.status == "completed", done.error
    assert [(attempt.agent, attempt.outcome) for attempt in attempts] == [
        ("seed-killed", "lease_expired"),
        ("seed-heir", "completed"),
    ]
    assert [found.name for found in outputs] == ["report.md", "chart.png"]
    assert len(completions.events) == 1


async def test_a_terminated_worker_gives_back_its_task_and_exits_cleanly(
    start_ledger: StartLedger, admin_key: str, start_seed_process: StartProcess
) -> None:
    loop = asyncio.get_running_loop()
    async with start_ledger(ledger_max_upload_mb=50) as url, AgentOpsClient(url, admin_key) as ops:
        async with start_seed_process(url, "seed-a", SEED_LEASE_S="60") as seed:
            task = await give_csv(ops, big(6))
            await eventually(lambda: has_progress(ops, task), timeout_s=20)
            asked_at = loop.time()
            status = await seed.terminate()
            assert loop.time() - asked_at < 20, "it waited for its lease"
        back = await ops.get_task(task.id)

    assert status == 0
    assert (back.status, back.assigned_to) == ("pending", None)


async def test_a_worker_outlives_an_outage_of_the_ledger_and_its_result_is_taken(
    start_ledger: StartLedger, admin_key: str, start_seed: StartSeed
) -> None:
    async with (
        start_ledger(ledger_max_upload_mb=50) as url,
        AgentOpsClient(url, admin_key) as ops,
        wire_to(url) as wire,
        start_seed(url=wire.url, lease_s=120, heartbeat_s=1.0),
    ):
        before = set(skill_processes(os.getpid()))
        task = await give_csv(ops, big(2))
        await eventually(lambda: has_progress(ops, task), timeout_s=20)
        wire.cut()
        # Others' processes may be there from the tests before.
        await eventually(lambda: set(skill_processes(os.getpid())) <= before, timeout_s=60)
        assert (await ops.get_task(task.id)).status == "in_progress"
        wire.mend()
        done = await ended(ops, task.id)
        attempts = await ops.list_attempts(task.id)
        outputs = [found for found in await ops.list_artifacts(task.id) if found.kind == "output"]
        later = await give_csv(ops, b"a,b\n1\n")
        assert (await ended(ops, later.id)).status == "failed", "the next one is not taken up"

    assert done.status == "completed", done.error
    assert [attempt.outcome for attempt in attempts] == ["completed"]
    assert len(outputs) == 2


async def test_work_whose_lease_ran_out_stops_and_writes_nothing(
    start_ledger: StartLedger, admin_key: str, start_seed: StartSeed, ledger_dsn: str
) -> None:
    async with (
        start_ledger(ledger_max_upload_mb=50, ledger_sweep_s=0.05) as url,
        AgentOpsClient(url, admin_key) as ops,
        start_seed(url=url, slots=2, heartbeat_s=0.3),
    ):
        task = await give_csv(ops, big(6))
        await eventually(lambda: has_progress(ops, task), timeout_s=20)

        async def ran_out() -> bool:
            """A heartbeat may have been quicker than the ledger's look at the leases."""
            if (await ops.list_attempts(task.id))[0].outcome == "lease_expired":
                return True
            await expire(ledger_dsn, task)
            return False

        await eventually(ran_out, every_s=0.2)
        done = await ended(ops, task.id, timeout_s=60)
        attempts = await ops.list_attempts(task.id)
        outputs = [found for found in await ops.list_artifacts(task.id) if found.kind == "output"]

    assert done.status == "completed", done.error
    assert [attempt.outcome for attempt in attempts] == ["lease_expired", "completed"]
    assert done.claim_epoch == 2
    assert len(outputs) == 2


async def test_files_that_an_earlier_attempt_stored_are_used_again(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    async with start_seed():
        task = await give_csv(ops, sales())
        first = await ended(ops, task.id)
        assert first.result is not None
        report = await ops.download(first.result["artifacts"][0])

    twin = await give_csv(ops, sales())
    claim = await ops.claim(twin.id, ClaimRequest(agent="seed-dead", version=twin.version))
    stored = await ops.upload(
        "report.md", report, media_type="text/markdown", task_id=twin.id, epoch=claim.epoch, kind="output"
    )
    await ops.release(twin.id, Release(epoch=claim.epoch))
    async with start_seed():
        done = await ended(ops, twin.id)

    assert done.result is not None
    assert done.result["artifacts"][0] == stored.id
    outputs = [found for found in await ops.list_artifacts(twin.id) if found.kind == "output"]
    assert len(outputs) == 2


async def test_a_worker_with_a_wrong_key_ends_and_says_so(ledger_url: str, tmp_path: Path) -> None:
    settings = seed_settings(ledger_url, "cos_wrong", tmp_path, warm=False)
    with pytest.raises(Unauthenticated):
        async with asyncio.timeout(10):
            await serve(settings)


async def test_a_worker_that_is_there_before_the_ledger_waits_for_it(
    ops: AgentOpsClient, ledger_url: str, agent_key: str, tmp_path: Path
) -> None:
    async with wire_to(ledger_url) as wire:
        wire.cut()
        settings = seed_settings(wire.url, agent_key, tmp_path, name="seed-early", warm=False)
        serving = asyncio.create_task(serve(settings))
        try:
            await eventually(lambda: wire.refused > 0)
            assert not await ops.list_agents()
            wire.mend()
            await eventually(lambda: is_known(ops, "seed-early"), timeout_s=30)
        finally:
            serving.cancel()
            await asyncio.wait({serving})


async def is_known(ops: AgentOpsClient, name: str) -> bool:
    """Whether a worker of this name has registered."""
    return any(agent.name == name for agent in await ops.list_agents())


async def has_progress(ops: AgentOpsClient, task: Task) -> bool:
    """Whether the skill is at work."""
    return (await ops.get_task(task.id)).progress is not None


def skill_processes(parent: int) -> list[psutil.Process]:
    """The processes in which this worker's skills run."""
    found = []
    for process in psutil.Process(parent).children(recursive=True):
        try:
            if any("brain/seed/child.py" in part for part in process.cmdline()):
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs; what is dead but not yet reaped does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def expire(dsn: str, task: Task) -> None:
    """Lets the task's lease run out now."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(
            "UPDATE task_lease SET expires_at = now() - interval '1 second' WHERE task_id = $1", task.id
        )
    finally:
        await connection.close()
