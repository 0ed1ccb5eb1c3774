"""Claiming: one winner, the right order, nobody early, nobody late."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from ledger.engine import LedgerEngine
from ledger.tasks import sql
from tests.integration.ledger.api import Api
from tests.waiting import eventually


async def _statuses(api: Api, path: str, bodies: list[dict[str, Any]]) -> list[int]:
    async def one(body: dict[str, Any]) -> int:
        return (await api.client.post(path, json=body)).status_code

    return await asyncio.gather(*(one(body) for body in bodies))


async def test_a_claim_with_an_old_version_is_refused_and_changes_nothing(admin: Api, worker: Api) -> None:
    task = await admin.task()
    changed = await admin.patch(f"/tasks/{task['id']}", priority="high")
    problem = await worker.post(f"/tasks/{task['id']}/claim", 409, agent="seed-1", version=1)
    assert (problem["code"], problem["current"]["version"]) == ("version_conflict", 2)
    assert await admin.get(f"/tasks/{task['id']}") == changed


async def test_the_most_urgent_comes_first_and_then_the_oldest(admin: Api, worker: Api) -> None:
    for title, priority in [("a", "low"), ("b", "high"), ("c", "critical"), ("d", "high"), ("e", "medium")]:
        await admin.task(title, priority=priority)
    answer = await worker.post("/tasks/claim-next", agent="seed-1", n=100)
    assert [claim["task"]["title"] for claim in answer["claims"]] == ["c", "b", "d", "e", "a"]


async def test_only_who_can_do_it_gets_it(admin: Api, worker: Api) -> None:
    await admin.task("draw", capabilities=["paint", "frame"])
    for offered in ([], ["paint"], ["frame", "saw"]):
        assert (await worker.post("/tasks/claim-next", agent="a", capabilities=offered))["claims"] == []
    got = await worker.post("/tasks/claim-next", agent="a", capabilities=["saw", "frame", "paint"])
    assert [claim["task"]["title"] for claim in got["claims"]] == ["draw"]


async def test_a_task_waits_for_what_it_depends_on(admin: Api, worker: Api) -> None:
    first = await admin.task("first")
    second = await admin.task("second", depends_on=[first["id"], first["id"]])
    assert second["depends_on"] == [first["id"]]
    problem = await worker.post(f"/tasks/{second['id']}/claim", 409, agent="a", version=1)
    assert problem["code"] == "invalid_transition"

    (claim,) = (await worker.post("/tasks/claim-next", agent="a", n=9))["claims"]
    assert claim["task"]["title"] == "first"
    await worker.post(f"/tasks/{first['id']}/complete", epoch=1)
    (claim,) = (await worker.post("/tasks/claim-next", agent="a", n=9))["claims"]
    assert (claim["task"]["title"], claim["task"]["depends_on"]) == ("second", [first["id"]])


async def test_a_task_is_not_claimed_before_its_time(admin: Api, worker: Api) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    soon = await admin.task("soon", run_after=later)
    task = await admin.task("later", run_after=later)
    assert (await worker.post("/tasks/claim-next", agent="a", n=9))["claims"] == []
    assert (await worker.post(f"/tasks/{task['id']}/claim", 409, agent="a", version=1))["code"]

    now = datetime.now(UTC).isoformat()
    assert (await admin.client.patch(f"/tasks/{soon['id']}", json={"run_after": now})).status_code == 200
    (claim,) = (await worker.post("/tasks/claim-next", agent="a", n=9))["claims"]
    assert claim["task"]["title"] == "soon"


async def test_a_late_worker_writes_nothing(admin: Api, worker: Api, tmp_path: Any) -> None:
    claim = await admin.claimed(lease_s=1)
    path = f"/tasks/{claim['task']['id']}"
    second = (await eventually(lambda: _next(worker), timeout_s=5))[0]
    assert (second["task"]["id"], second["epoch"]) == (claim["task"]["id"], 2)
    before = await admin.get(path)
    log = await admin.types()

    bodies: dict[str, dict[str, Any]] = {
        "heartbeat": {"progress": 0.9},
        "complete": {"result": {"summary": "late"}},
        "fail": {"error": "late"},
        "block": {"question": "late?"},
        "release": {},
        "cancel": {},
    }
    for name, body in bodies.items():
        problem = await worker.post(f"{path}/{name}", 409, epoch=1, **body)
        assert (problem["code"], problem["current"]["claim_epoch"]) == ("stale_claim", 2)
    response = await worker.client.post(
        "/artifacts", params={"name": "late.txt", "task_id": claim["task"]["id"], "epoch": 1}, content=b"late"
    )
    assert (response.status_code, response.json()["code"]) == (409, "stale_claim")

    assert await admin.get(path) == before
    assert await admin.types() == log
    assert (await admin.get("/artifacts", task_id=claim["task"]["id"]))["items"] == []
    assert [a["outcome"] for a in (await admin.get(f"{path}/attempts"))["items"]] == ["lease_expired", None]
    assert not [name for name in tmp_path.rglob("*") if name.is_file()]


async def _next(api: Api) -> list[Any]:
    return list((await api.post("/tasks/claim-next", agent="seed-2"))["claims"])


async def test_a_claim_brings_inputs_and_answers(admin: Api, worker: Api) -> None:
    upload = await admin.client.post("/artifacts", params={"name": "sales.csv"}, content=b"a,b\n1,2\n")
    artifact = upload.json()
    claim = await admin.claimed(attachments=[artifact["id"]])
    path = f"/tasks/{claim['task']['id']}"
    assert [(one["id"], one["name"], one["size_bytes"]) for one in claim["inputs"]] == [
        (artifact["id"], "sales.csv", 8)
    ]
    await admin.post(f"{path}/block", epoch=1, question="Which column?", options=["a", "b"])
    gate = (await admin.get("/gates", status="open"))["items"][0]
    await admin.post(f"/gates/{gate['id']}/answer", answer="b", by="the owner")
    (again,) = (await worker.post("/tasks/claim-next", agent="seed-2"))["claims"]
    assert [(one["question"], one["answer"], one["answered_by"]) for one in again["answers"]] == [
        ("Which column?", "b", "the owner")
    ]
    assert again["inputs"][0]["id"] == artifact["id"]


async def test_the_next_tasks_are_read_in_their_order_however_few_the_planner_expects(
    ledger_dsn: str,
) -> None:
    """A plan is made once, and a queue may have grown since: a sort would read all of it for every claim."""
    args: tuple[Any, ...] = ("seed-1", "00000000-0000-0000-0000-000000000000", 60.0, None, [], 5, False)
    async with LedgerEngine(ledger_dsn).opened(max_size=1, commands=1) as db:
        rows = await db.command(f"EXPLAIN {sql.CLAIM_NEXT.plain}", *args)
    picked = "\n".join(row["QUERY PLAN"] for row in rows).partition("CTE picked")[2].partition("CTE taken")[0]
    assert "Index Scan using task_claimable" in picked
    assert "Sort" not in picked
    assert "Seq Scan on task" not in picked


async def test_leases_are_looked_up_one_by_one_even_if_the_planner_saw_none(ledger_dsn: str) -> None:
    """As after a quiet night: a join would then hold each finished task against every lease there is."""
    async with LedgerEngine(ledger_dsn).opened(max_size=1, commands=1) as db:
        await db.command("""INSERT INTO task_lease (task_id, epoch, agent, key_id, expires_at)
            SELECT gen_random_uuid(), 1, 'seed', gen_random_uuid(), now() FROM generate_series(1, 2000)""")
        await db.command("DELETE FROM task_lease")
        await db.command("ANALYZE task_lease")
        rows = await db.command(f"EXPLAIN {sql.COMPLETE_BATCH.plain}", [], [], [], None, None)
    gone = "\n".join(row["QUERY PLAN"] for row in rows).partition("CTE gone")[2].partition("CTE ended")[0]
    assert "Index Cond: (task_id = ANY" in gone
