"""A worker's result and its next task in one trip, on both ledgers."""

import asyncio
from typing import Any

import pytest

from agentops import Unavailable
from agentops.wire import Claim, ClaimNextRequest, NewTask, Release, Settle, Settled, TaskStatus
from agentops.worker import Job
from tests.conformance.ledgers import Ledger
from tests.conformance.test_ledger_worker import ended, working


async def nothing(job: Job) -> None:
    return None


async def test_a_busy_worker_takes_its_next_task_with_the_answer_to_its_result(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims: list[ClaimNextRequest] = []
    claim_next = ledger.agent.claim_next

    async def counted(wish: ClaimNextRequest) -> list[Claim]:
        claims.append(wish)
        return await claim_next(wish)

    monkeypatch.setattr(ledger.agent, "claim_next", counted)
    tasks = await ledger.admin.create_tasks([NewTask(title=f"task {number}") for number in range(20)])
    async with working(ledger, nothing, poll_s=60.0):
        for task in tasks:
            await ended(ledger, task, TaskStatus.COMPLETED)
    assert [len(await ledger.admin.list_attempts(task.id)) for task in tasks] == [1] * 20
    assert len(claims) < 10  # the first, and one for each time that the worker heard of something


@pytest.mark.parametrize("slots", [1, 4])
async def test_an_answer_that_was_lost_is_asked_for_again_and_nothing_is_taken_twice(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, slots: int
) -> None:
    lost = 0
    settle = ledger.agent.settle

    async def forgetful(request: Settle, *, idempotency_key: str | None = None) -> Settled:
        nonlocal lost
        settled = await settle(request, idempotency_key=idempotency_key)
        if lost < 3 and settled.claims:
            lost += 1
            raise Unavailable("the answer was lost")
        return settled

    monkeypatch.setattr(ledger.agent, "settle", forgetful)
    tasks = await ledger.admin.create_tasks([NewTask(title=f"task {number}") for number in range(12)])
    async with working(ledger, nothing, slots=slots):
        for task in tasks:
            await ended(ledger, task, TaskStatus.COMPLETED)
    assert lost == 3
    for task in tasks:
        assert [one.outcome for one in await ledger.admin.list_attempts(task.id)] == ["completed"]


async def test_a_refused_result_does_not_cost_the_task_that_came_with_the_refusal(ledger: Ledger) -> None:
    begun: list[str] = []

    async def work(job: Job) -> None:
        begun.append(job.task.title)
        if begun == ["first"]:
            await ledger.admin.release(job.task.id, Release(epoch=job.epoch))

    first, second = await ledger.task("first"), await ledger.task("second")
    async with working(ledger, work, heartbeat_s=60.0):
        await ended(ledger, first, TaskStatus.COMPLETED)
        await ended(ledger, second, TaskStatus.COMPLETED)
    outcomes = [one.outcome for one in await ledger.admin.list_attempts(first.id)]
    assert outcomes == ["released", "completed"]
    assert [one.outcome for one in await ledger.admin.list_attempts(second.id)] == ["completed"]


async def test_a_worker_that_stops_hands_in_its_result_and_takes_no_more(ledger: Ledger) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(job: Job) -> dict[str, Any]:
        begun.set()
        await go_on.wait()
        return {"summary": "done"}

    first, second = await ledger.task("first"), await ledger.task("second")
    async with working(ledger, work) as worker:
        await begun.wait()
        worker.stop()
        go_on.set()
    assert await ledger.status(first) is TaskStatus.COMPLETED
    assert await ledger.status(second) is TaskStatus.PENDING
    assert await ledger.admin.list_attempts(second.id) == []


async def test_what_comes_to_a_worker_that_has_been_stopped_meanwhile_is_handed_back(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = ledger.agent.settle

    async def stopping(request: Settle, *, idempotency_key: str | None = None) -> Settled:
        worker.stop()
        return await settle(request, idempotency_key=idempotency_key)

    monkeypatch.setattr(ledger.agent, "settle", stopping)
    first, second = await ledger.task("first"), await ledger.task("second")
    async with working(ledger, nothing, poll_s=60.0) as worker:
        await ended(ledger, first, TaskStatus.COMPLETED)
    assert await ledger.status(second) is TaskStatus.PENDING
    assert [one.outcome for one in await ledger.admin.list_attempts(second.id)] == ["released"]


async def test_what_a_result_sets_free_is_begun_although_it_did_not_come_with_the_answer(
    ledger: Ledger,
) -> None:
    first = await ledger.task("first")
    second = await ledger.admin.create_task(NewTask(title="second", depends_on=[first.id]))
    async with working(ledger, nothing, poll_s=60.0):
        await ended(ledger, second, TaskStatus.COMPLETED)
