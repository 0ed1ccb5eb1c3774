"""Holding a task: heartbeats, expiry, retries, cancellation, gates."""

import asyncio
from typing import Any

from ledger.engine import LedgerEngine
from ledger.tasks.sweeper import Sweeper
from tests.integration.ledger.api import Api, api_for
from tests.ledger_fixtures import StartLedger
from tests.waiting import eventually


async def _in_state(api: Api, task_id: str, status: str) -> Any:
    async def check() -> Any:
        task = await api.get(f"/tasks/{task_id}")
        return task if task["status"] == status else None

    return await eventually(check)


async def test_an_expired_lease_is_reclaimed_until_the_attempts_are_used_up(admin: Api) -> None:
    task = await admin.task(max_attempts=2)
    for epoch in (1, 2):

        async def claim() -> Any:
            found = await admin.post("/tasks/claim-next", agent="seed-1", lease_s=1)
            return found["claims"]

        (held,) = await eventually(claim)
        assert held["epoch"] == epoch
    failed = await _in_state(admin, task["id"], "failed")
    assert failed["error"].startswith("lease_expired")
    assert (failed["attempt"], failed["assigned_to"]) == (2, "seed-1")
    assert failed["finished_at"] is not None
    assert [kind for kind in await admin.types() if kind != "task.claimed"] == [
        "task.created", "task.retried", "task.failed",
    ]  # fmt: skip


async def test_a_heartbeat_keeps_the_lease_and_tells_of_progress(admin: Api, worker: Api) -> None:
    (claim,) = [
        (await worker.post("/tasks/claim-next", agent="seed-1", lease_s=1))["claims"][0]
        for _ in [await admin.task()]
    ]
    path = f"/tasks/{claim['task']['id']}"
    first = await worker.post(f"{path}/heartbeat", epoch=1, lease_s=600, progress=0.25, note="reading")
    assert first["lease_expires_at"] > claim["lease_expires_at"]
    assert first["cancel_requested"] is False
    task = await admin.get(path)
    assert (task["progress"], task["progress_note"], task["version"]) == (0.25, "reading", 2)
    await worker.post(f"{path}/heartbeat", epoch=1)
    assert (await admin.types()).count("task.progress") == 1


async def test_one_heartbeat_renews_all_of_an_agents_leases(admin: Api, worker: Api) -> None:
    await worker.post("/agents", 201, name="seed-1", capabilities=["csv"])
    for n in range(3):
        await admin.task(f"Task {n}")
    claims = (await worker.post("/tasks/claim-next", agent="seed-1", n=3))["claims"]
    ids = [claim["task"]["id"] for claim in claims]
    await admin.post(f"/tasks/{ids[1]}/cancel")
    await worker.post(f"/tasks/{ids[2]}/release", epoch=1)
    leases = [{"task_id": task_id, "epoch": 1} for task_id in ids]
    result = await worker.post("/agents/seed-1/heartbeat", leases=leases)
    assert (set(result["renewed"]), result["lost"], result["cancel"]) == (
        {ids[0], ids[1]},
        [ids[2]],
        [ids[1]],
    )
    agent = await admin.get("/agents/seed-1")
    assert (agent["status"], set(agent["current_tasks"])) == ("online", {ids[0], ids[1]})
    assert (await worker.post("/agents/nobody/heartbeat", 404))["code"] == "agent_not_found"


async def test_a_failed_attempt_is_tried_again_after_a_pause(admin: Api, worker: Api) -> None:
    claim = await admin.claimed(max_attempts=2)
    path = f"/tasks/{claim['task']['id']}"
    task = await admin.post(f"{path}/fail", epoch=1, error="the site was away")
    assert (task["status"], task["error"], task["assigned_to"]) == ("pending", "the site was away", None)
    assert task["run_after"] > task["updated_at"]

    async def claim_again() -> Any:
        return (await worker.post("/tasks/claim-next", agent="seed-2"))["claims"]

    (again,) = await eventually(claim_again)
    last = await worker.post(f"{path}/fail", epoch=again["epoch"], error="still away")
    assert (last["status"], last["error"], last["attempt"]) == ("failed", "still away", 2)

    retried = await admin.post(f"{path}/retry", reason="it is back")
    assert (retried["status"], retried["attempt"], retried["error"]) == ("pending", 0, None)
    (third,) = await eventually(claim_again)
    assert third["epoch"] == 3


async def test_what_cannot_be_retried_fails_at_once(admin: Api) -> None:
    claim = await admin.claimed()
    task = await admin.post(f"/tasks/{claim['task']['id']}/fail", epoch=1, error="broken", retryable=False)
    assert (task["status"], task["error"]) == ("failed", "broken")


async def test_a_running_task_is_cancelled_by_asking_its_worker(admin: Api, worker: Api) -> None:
    await admin.task()
    (claim,) = (await worker.post("/tasks/claim-next", agent="seed-1"))["claims"]
    path = f"/tasks/{claim['task']['id']}"
    early = await worker.post(f"{path}/cancel", 409, epoch=1)
    assert early["code"] == "invalid_transition"

    asked = await admin.post(f"{path}/cancel", reason="not needed")
    assert (asked["status"], asked["cancel_requested"]) == ("in_progress", True)
    assert await admin.post(f"{path}/cancel") == asked
    assert (await worker.post(f"{path}/heartbeat", epoch=1))["cancel_requested"] is True
    stopped = await worker.post(f"{path}/cancel", epoch=1)
    assert stopped["status"] == "cancelled"
    assert await admin.types() == ["task.created", "task.claimed", "task.updated", "task.cancelled"]


async def test_an_expired_lease_of_an_unwanted_task_cancels_it(admin: Api) -> None:
    claim = await admin.claimed(lease_s=1)
    await admin.post(f"/tasks/{claim['task']['id']}/cancel")
    task = await _in_state(admin, claim["task"]["id"], "cancelled")
    assert task["finished_at"] is not None


async def test_giving_an_unwanted_task_up_cancels_it(admin: Api) -> None:
    for name, body in {
        "release": {},
        "fail": {"error": "x"},
        "block": {"question": "x?"},
    }.items():
        claim = await admin.claimed()
        path = f"/tasks/{claim['task']['id']}"
        await admin.post(f"{path}/cancel")
        task = await admin.post(f"{path}/{name}", epoch=1, **body)
        assert (task["status"], task["finished_at"] is not None) == ("cancelled", True)
    assert (await admin.get("/gates"))["items"] == []


async def test_a_gate_takes_one_answer_and_lets_the_task_go_on(admin: Api) -> None:
    claim = await admin.claimed(origin="main")
    path = f"/tasks/{claim['task']['id']}"
    blocked = await admin.post(f"{path}/block", epoch=1, question="Red or blue?", options=["red", "blue"])
    assert (blocked["status"], blocked["blocked_reason"], blocked["assigned_to"]) == (
        "blocked", "Red or blue?", None,
    )  # fmt: skip
    (gate,) = (await admin.get("/gates", status="open", task_id=claim["task"]["id"]))["items"]
    assert (gate["question"], gate["options"], gate["kind"]) == ("Red or blue?", ["red", "blue"], "question")

    answered = await admin.post(f"/gates/{gate['id']}/answer", answer="red")
    assert (answered["status"], answered["answer"], answered["answered_by"]) == ("answered", "red", "admin")
    assert (await admin.get(path))["status"] == "pending"
    problem = await admin.post(f"/gates/{gate['id']}/answer", 409, answer="blue")
    assert (problem["code"], problem["current"]["answer"]) == ("gate_closed", "red")

    events = await admin.events()
    assert [event["type"] for event in events[2:]] == [
        "task.blocked", "gate.opened", "gate.answered", "task.updated",
    ]  # fmt: skip
    told = events[2]["payload"]
    assert (told["gate_id"], told["question"], told["options"], told["origin"]) == (
        gate["id"], "Red or blue?", ["red", "blue"], "main",
    )  # fmt: skip


async def test_a_gate_that_nobody_answers_in_time_expires(admin: Api) -> None:
    claim = await admin.claimed()
    await admin.post(f"/tasks/{claim['task']['id']}/block", epoch=1, question="Hello?", expires_in_s=1)
    await _in_state(admin, claim["task"]["id"], "pending")
    assert [gate["status"] for gate in (await admin.get("/gates"))["items"]] == ["expired"]


async def test_being_blocked_or_released_costs_no_attempt(admin: Api) -> None:
    task = await admin.task(max_attempts=1)
    path = f"/tasks/{task['id']}"
    for epoch in (1, 2, 3):
        await admin.post("/tasks/claim-next", agent="a")
        await admin.post(f"{path}/release", epoch=epoch)
    await admin.post("/tasks/claim-next", agent="a")
    assert (await admin.post(f"{path}/fail", epoch=4, error="x"))["status"] == "failed"


async def test_a_lease_that_ends_is_seen_to_then_and_not_at_the_next_round(
    start_ledger: StartLedger, ledger_dsn: str, admin_key: str
) -> None:
    seldom_s = 600.0
    async with (
        start_ledger(ledger_sweep_s=seldom_s) as url,
        api_for(url, admin_key) as admin,
        LedgerEngine(ledger_dsn).opened() as engine,
    ):
        claim = await admin.claimed(lease_s=1)
        sweeper = Sweeper(engine, lambda _: None, every_s=seldom_s, silence_s=60)
        sweeping = asyncio.create_task(sweeper.run())
        try:
            task = await _in_state(admin, claim["task"]["id"], "pending")
        finally:
            sweeping.cancel()
    assert (task["run_after"], task["assigned_to"]) == (task["updated_at"], None), "it has waited already"
