"""kill -9 of every part in the middle of its work: the job still ends once, nothing is lost or said twice."""

import asyncio
import os
import signal
import uuid
from collections import Counter
from functools import partial
from typing import Any

import httpx
import pytest

from agentops import AgentOpsClient
from agentops.wire import TurnRecord
from tests.acceptance.stack import ROOT, Stack
from tests.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

CSV = (ROOT / "docs/examples/coffee-sales.csv").read_bytes()


def big_csv(copies: int = 100) -> bytes:
    """Enough rows that the work takes a while."""
    head, _, rows = CSV.partition(b"\n")
    return head + b"\n" + rows * copies


async def say(stack: Stack, session: str, text: str, file: bytes | None = None) -> str:
    """Post one turn as the browser does, again and again until it is taken; its id."""
    name = uuid.uuid4().hex

    async def posted() -> str:
        files = {"files": ("sales.csv", file, "text/csv")} if file else None
        form = {"text": text, "external_id": name}
        async with httpx.AsyncClient(base_url=stack.gateway, timeout=20) as http:
            try:
                answer = await http.post(
                    f"/api/v1/sessions/{session}/turns",
                    headers={"Authorization": f"Bearer {stack.admin_key}"},
                    **({"data": form, "files": files} if files else {"json": form}),
                )
            except httpx.HTTPError as error:
                raise AssertionError("the gateway is away") from error
        assert answer.status_code == 202, answer.text
        return str(answer.json()["turn_id"])

    return await eventually(posted, timeout_s=60, every_s=0.3)


async def said_in(ops: AgentOpsClient, session: str, role: str) -> list[TurnRecord]:
    return [turn for turn in (await ops.list_turns(session, limit=200)).items if turn.role == role]


async def the_job_is_done_once(ops: AgentOpsClient, session: str) -> None:
    """One task, completed, with each of its artifacts once, told once."""

    async def told() -> list[TurnRecord]:
        return [turn for turn in await said_in(ops, session, "notice") if "Done" in turn.text]

    await eventually(told, timeout_s=90, every_s=0.2)
    (task,) = (await ops.list_tasks(origin=session)).items
    assert task.status == "completed", task.error
    outputs = [item.name for item in await ops.list_artifacts(task.id) if item.kind == "output"]
    assert Counter(outputs) == {"report.md": 1, "chart.png": 1}
    events = [event.type for event in (await ops.list_events(after="0", task_id=task.id)).events]
    assert events.count("task.created") == events.count("task.completed") == 1
    assert len(await told()) == 1
    assert len(await said_in(ops, session, "person")) == len(await said_in(ops, session, "chief")) == 1


async def test_a_seed_killed_in_the_middle_of_a_task(stack: Stack) -> None:
    async with stack.ops() as ops:
        for session in ("seed-killed", "seed-killed-2", "seed-killed-3"):  # on a quick machine it may be done
            seed = stack.pids_now()["seed"]  # looked up before: the work takes less than a second
            await say(stack, session, "create a task to analyse this file, high priority", big_csv())
            await eventually(partial(_is_worked_on, ops, session), timeout_s=30)
            os.kill(seed, signal.SIGKILL)
            await stack.back("seed", seed)
            await the_job_is_done_once(ops, session)
            (task,) = (await ops.list_tasks(origin=session)).items
            if task.attempt == 2:
                return
    raise AssertionError("the work was always done before the kill")


async def _is_worked_on(ops: AgentOpsClient, session: str) -> bool:
    tasks = (await ops.list_tasks(origin=session)).items
    return bool(tasks) and tasks[0].status in ("in_progress", "completed")


def _long(part: str) -> Any:
    """Killed in every run in the middle of the other thing, or of a conversation with Telegram."""
    return pytest.param(part, marks=pytest.mark.long)


@pytest.mark.parametrize("part", ["chief", "redis", _long("postgres"), _long("ledger"), _long("gateway")])
async def test_a_part_killed_in_the_middle_of_talk(stack: Stack, part: str) -> None:
    """Twelve sentences, the part dies among them: each makes one task and gets one answer."""
    session = f"{part}-killed"
    wanted = [f"create a task to count the {part} sheep of flock {number}" for number in range(12)]
    async with stack.ops() as ops:
        first = [await say(stack, session, text) for text in wanted[:5]]
        former = stack.kill(part)
        rest = await asyncio.gather(*(say(stack, session, text) for text in wanted[5:]))
        await stack.back(part, former)

        async def answered() -> bool:
            return len(await said_in(ops, session, "chief")) >= len(wanted)

        await eventually(answered, timeout_s=90, every_s=0.3)
        assert len({*first, *rest}) == len(wanted)
        replies = Counter(turn.reply_to for turn in await said_in(ops, session, "chief"))
        assert set(replies.values()) == {1}
        titles = Counter(
            task.title.lower() for task in (await ops.list_tasks(origin=session, limit=200)).items
        )
        assert len(titles) == len(wanted)
        assert set(titles.values()) == {1}


@pytest.mark.parametrize("part", [_long("chief"), _long("redis"), "postgres", "ledger", _long("gateway")])
async def test_a_part_killed_in_the_middle_of_the_job(stack: Stack, part: str) -> None:
    session = f"{part}-killed-job"
    async with stack.ops() as ops:
        await say(stack, session, "create a task to analyse this file, high priority", big_csv(60))
        former = stack.kill(part)
        await stack.back(part, former)
        await the_job_is_done_once(ops, session)
