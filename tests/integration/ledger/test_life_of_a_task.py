"""A task from its writing down to its end, over HTTP."""

from tests.integration.ledger.api import Api


async def test_a_task_is_created_claimed_and_completed(admin: Api, worker: Api) -> None:
    task = await admin.task("Analyse sales.csv", priority="high", origin="main", context={"a": [1, None]})
    assert (task["status"], task["number"], task["version"], task["priority"]) == ("pending", 1, 1, "high")

    claim = await worker.post(f"/tasks/{task['id']}/claim", agent="seed-1", version=1)
    assert (claim["epoch"], claim["task"]["status"], claim["task"]["assigned_to"]) == (
        1,
        "in_progress",
        "seed-1",
    )

    done = await worker.post(f"/tasks/{task['id']}/complete", epoch=1, result={"summary": "12 rows"})
    assert (done["status"], done["result"], done["progress"]) == ("completed", {"summary": "12 rows"}, 1.0)

    assert (await admin.get(f"/tasks/{task['id']}")) == done
    assert await admin.types() == ["task.created", "task.claimed", "task.completed"]
    attempts = (await admin.get(f"/tasks/{task['id']}/attempts"))["items"]
    assert [(a["epoch"], a["agent"], a["outcome"]) for a in attempts] == [(1, "seed-1", "completed")]
