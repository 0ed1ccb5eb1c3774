"""Many at once: each task is won once and done once, and nobody who lost can write."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from tests.integration.ledger.api import Api

RACERS = 8
WORKERS = 16


async def _created(api: Api, count: int) -> list[Any]:
    tasks: list[Any] = []
    for first in range(0, count, 200):
        titles = [{"title": f"Task {n}"} for n in range(first, min(count, first + 200))]
        tasks += (await api.post("/tasks/create-batch", 201, tasks=titles))["tasks"]
    return tasks


async def test_two_hundred_tasks_raced_for_by_eight_are_each_won_once(admin: Api, worker: Api) -> None:
    tasks = await _created(admin, 200)
    won: Counter[str] = Counter()

    async def race(name: str) -> None:
        for task in tasks:
            body = {"agent": name, "version": 1}
            answer = await worker.client.post(f"/tasks/{task['id']}/claim", json=body)
            assert answer.status_code in (200, 409)
            won[task["id"]] += answer.status_code == 200

    async with asyncio.TaskGroup() as group:
        for n in range(RACERS):
            group.create_task(race(f"seed-{n}"))
    assert won == Counter(task["id"] for task in tasks)
    claimed = await admin.get("/tasks", status="in_progress", limit=200)
    assert {(task["claim_epoch"], task["version"]) for task in claimed["items"]} == {(1, 2)}
    assert len(await admin.types(types="task.claimed")) == 200


async def test_sixteen_workers_drain_three_thousand_tasks_and_each_is_done_once(
    admin: Api, worker: Api
) -> None:
    tasks = await _created(admin, 3_000)
    done: Counter[str] = Counter()

    async def work(name: str) -> None:
        while claims := (await worker.post("/tasks/claim-next", 200, agent=name, n=25))["claims"]:
            answer = await worker.post("/tasks/complete-batch", 200, items=_items(claims))
            done.update(one["task_id"] for one in answer["outcomes"] if one["done"])

    async def work_on(name: str) -> None:
        held: list[Any] = []
        while True:
            answer = await worker.post("/tasks/settle", 200, agent=name, n=25, items=_items(held))
            done.update(one["task_id"] for one in answer["outcomes"] if one["done"])
            held = answer["claims"]
            if not held:
                return

    async with asyncio.TaskGroup() as group:
        for n in range(WORKERS):
            group.create_task(work_on(f"seed-{n}") if n % 2 else work(f"seed-{n}"))
    assert done == Counter(task["id"] for task in tasks)
    assert (await admin.get("/stats"))["tasks"]["completed"] == 3_000
    told = Counter(event["entity_id"] for event in await admin.events(types="task.completed"))
    assert told == done


def _items(claims: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"task_id": claim["task"]["id"], "epoch": claim["epoch"]} for claim in claims]


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in a batch"])
async def test_of_a_worker_that_lost_its_lease_and_the_one_that_has_it_only_the_second_writes(
    admin: Api, worker: Api, batched: bool
) -> None:
    ids = [task["id"] for task in await _created(admin, 20)]
    first = (await worker.post("/tasks/claim-next", agent="late", n=20))["claims"]
    assert {claim["epoch"] for claim in first} == {1}
    for task_id in ids:
        await worker.post(f"/tasks/{task_id}/release", 200, epoch=1)
    await worker.post("/tasks/claim-next", agent="holder", n=20)

    async def finish(epoch: int) -> list[str | None]:
        bodies = [{"task_id": one, "epoch": epoch, "result": {"by": epoch}} for one in ids]
        if batched:
            answer = await worker.post("/tasks/complete-batch", 200, items=bodies)
            return [one["code"] for one in answer["outcomes"]]
        answers = [
            await worker.client.post(f"/tasks/{body.pop('task_id')}/complete", json=body) for body in bodies
        ]
        return [answer.json().get("code") for answer in answers]

    late, holder = await asyncio.gather(finish(1), finish(2))
    assert (set(late), set(holder)) == ({"stale_claim"}, {None})
    for task_id in ids:
        task = await admin.get(f"/tasks/{task_id}")
        assert (task["status"], task["result"]) == ("completed", {"by": 2})
    assert len(await admin.types(types="task.completed")) == 20


async def test_six_hundred_cancelled_requests_leak_no_connection(
    admin: Api, ledger_url: str, admin_key: str
) -> None:
    headers = {"Authorization": f"Bearer {admin_key}"}
    limits = httpx.Limits(max_connections=60)

    async def gone(client: httpx.AsyncClient, n: int) -> None:
        key = {"Idempotency-Key": f"gone-{n}"} if n % 2 else {}
        sending = asyncio.create_task(
            client.post("/api/v1/tasks", json={"title": f"Gone {n}"}, headers=key)
            if n % 3
            else client.patch(f"/api/v1/tasks/{task['id']}", json={"priority": "high"}, headers=key)
        )
        await asyncio.sleep((n % 10) * 0.001)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    task = await admin.task()
    async with httpx.AsyncClient(
        base_url=ledger_url, headers=headers, limits=limits, trust_env=False
    ) as client:
        for first in range(0, 600, 60):
            await asyncio.gather(*(gone(client, n) for n in range(first, first + 60)))
    # Twice as many at once as the pool has connections: none would be left if any were lost.
    answers = await asyncio.gather(*(admin.task(f"After {n}") for n in range(40)))
    assert len({answer["id"] for answer in answers}) == 40
