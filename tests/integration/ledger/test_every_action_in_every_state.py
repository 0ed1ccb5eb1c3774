"""The HTTP API against the state table: every action tried on a task in every state."""

from typing import Any

import pytest

from agentops.wire import TaskStatus
from ledger.tasks.states import Action, move
from tests.integration.ledger.api import Api

# FAIL and TRY_AGAIN are one request; which it is depends on `retryable`.
BODIES: dict[Action, tuple[str, dict[str, Any]]] = {
    Action.CLAIM: ("claim", {"agent": "seed-2"}),
    Action.COMPLETE: ("complete", {"epoch": 1}),
    Action.FAIL: ("fail", {"epoch": 1, "error": "broken", "retryable": False}),
    Action.TRY_AGAIN: ("fail", {"epoch": 1, "error": "flaky"}),
    Action.BLOCK: ("block", {"epoch": 1, "question": "Which one?"}),
    Action.RELEASE: ("release", {"epoch": 1}),
    Action.STOP: ("cancel", {"epoch": 1}),
    Action.CANCEL: ("cancel", {}),
    Action.RETRY: ("retry", {}),
}
BY_WORKER = {Action.COMPLETE, Action.FAIL, Action.TRY_AGAIN, Action.BLOCK, Action.RELEASE, Action.STOP}


async def _task_in(admin: Api, status: TaskStatus) -> Any:
    task = await admin.task()
    path = f"/tasks/{task['id']}"
    if status is TaskStatus.CANCELLED:
        return await admin.post(f"{path}/cancel")
    if status is TaskStatus.PENDING:
        return task
    await admin.post(f"{path}/claim", agent="seed-1", version=1)
    if status is TaskStatus.COMPLETED:
        await admin.post(f"{path}/complete", epoch=1)
    if status is TaskStatus.FAILED:
        await admin.post(f"{path}/fail", epoch=1, error="broken", retryable=False)
    if status is TaskStatus.BLOCKED:
        await admin.post(f"{path}/block", epoch=1, question="Which one?")
    return await admin.get(path)


@pytest.mark.parametrize("action", BODIES)
async def test_an_action_is_done_or_refused_as_the_table_says(admin: Api, action: Action) -> None:
    for status in TaskStatus:
        task = await _task_in(admin, status)
        assert task["status"] == status
        path = f"/tasks/{task['id']}"
        if action is Action.STOP and status is TaskStatus.IN_PROGRESS:
            await admin.post(f"{path}/cancel")
        name, body = BODIES[action]
        if action is Action.CLAIM:
            body = {**body, "version": task["version"]}
        expected = move(status, action)
        before = await admin.get(path)
        if expected is None:
            problem = await admin.post(f"{path}/{name}", 409, **body)
            assert problem["code"] == ("stale_claim" if action in BY_WORKER else "invalid_transition")
            assert problem["current"]["status"] == status
            assert await admin.get(path) == before
        else:
            await admin.post(f"{path}/{name}", 200, **body)
            assert (await admin.get(path))["status"] == expected


async def test_a_gate_is_answered_in_a_blocked_task_only(admin: Api) -> None:
    task = await _task_in(admin, TaskStatus.BLOCKED)
    gate = (await admin.get("/gates", task_id=task["id"]))["items"][0]
    await admin.post(f"/tasks/{task['id']}/cancel")
    problem = await admin.post(f"/gates/{gate['id']}/answer", 409, answer="the red one")
    assert (problem["code"], problem["current"]["status"]) == ("gate_closed", "expired")
    assert (await admin.get(f"/tasks/{task['id']}"))["status"] == "cancelled"
