"""During an update, ledgers of two releases run on one database: the older one on the newer one's tables."""

import asyncpg

from ledger.engine import LedgerEngine
from tests.integration.ledger.api import Api
from tests.integration.ledger.previous_release import read, understood

SQL = "ledger.tasks.sql."


async def test_every_statement_of_the_release_before_is_still_understood(ledger_dsn: str) -> None:
    """What a migration takes away, the release before must not ask for any more."""
    connection = await asyncpg.connect(ledger_dsn)
    try:
        refused = {place: await understood(connection, text) for place, text in read().items()}
    finally:
        await connection.close()
    assert len(refused) > 100
    assert {place: why for place, why in refused.items() if why} == {}


async def test_a_table_that_lost_a_column_is_noticed(ledger_dsn: str) -> None:
    connection = await asyncpg.connect(ledger_dsn)
    try:
        await connection.execute("ALTER TABLE task_lease RENAME COLUMN expires_at TO ends_at")
        assert "expires_at" in await understood(connection, read()[SQL + "CLAIM_NEXT"])
    finally:
        await connection.close()


async def test_tasks_pass_between_two_releases(admin: Api, worker: Api, ledger_dsn: str) -> None:
    sql = read()
    async with LedgerEngine(ledger_dsn).opened(max_size=1) as old:
        created = await old.row(
            sql[SQL + "CREATE"], "from the old one", "", [], 2, None, None, [], None, {}, None, None, None, 3,
            "old", None, [], [], "00000000-0000-7000-8000-000000000001",
        )  # fmt: skip
        assert created is not None
        (claim,) = (await worker.post("/tasks/claim-next", agent="seed-1"))["claims"]
        assert (claim["task"]["id"], claim["epoch"]) == (created["id"], 1)
        ended = await old.row(sql[SQL + "COMPLETE"], created["id"], 1, None, None, {"by": "old"})
        assert ended is not None

        task = await admin.task("from the new one")
        key = (await worker.get("/keys/self"))["id"]
        held = await old.rows(sql[SQL + "CLAIM_NEXT"], "seed-2", key, 60.0, None, [], 5, False)
        assert [(row["id"], row["claim_epoch"]) for row in held] == [(task["id"], 1)]
        items = [{"task_id": task["id"], "epoch": 1}]
        settled = await worker.post("/tasks/settle", agent="seed-1", items=items)
        assert [(one["done"], one["code"]) for one in settled["outcomes"]] == [(True, None)]
    assert (await admin.get(f"/tasks/{created['id']}"))["result"] == {"by": "old"}
    assert await admin.types() == ["task.created", "task.claimed", "task.completed"] * 2


async def test_an_answer_that_the_release_before_kept_is_given_by_this_one(
    admin: Api, worker: Api, ledger_dsn: str
) -> None:
    """It kept whole tasks under the key of a claim."""
    await admin.task()
    answer = await worker.post("/tasks/claim-next", key="k", agent="seed-1")
    async with LedgerEngine(ledger_dsn).opened(max_size=1) as old:
        await old.rows(
            "UPDATE idempotency_key SET rows = (SELECT json_agg(t) FROM (SELECT t.*, l.expires_at, "
            "NULL AS inputs, NULL AS answers FROM task t JOIN task_lease l ON l.task_id = t.id) t) "
            "WHERE key = 'k'"
        )
    assert await worker.post("/tasks/claim-next", key="k", agent="seed-1") == answer


async def test_what_a_batch_led_to_is_told_again_from_what_the_release_before_kept(
    admin: Api, worker: Api, ledger_dsn: str
) -> None:
    """It kept an object for each item, with the claim of the same line beside it."""
    for _ in range(3):
        await admin.task()
    first, second = (await worker.post("/tasks/claim-next", agent="seed-1", n=2))["claims"]
    items = [{"task_id": first["task"]["id"], "epoch": 1}, {"task_id": second["task"]["id"], "epoch": 7}]
    answer = await worker.post("/tasks/settle", key="k", agent="seed-1", n=1, items=items)
    assert [one["code"] for one in answer["outcomes"]] == [None, "stale_claim"]
    (claim,) = answer["claims"]
    kept = [
        {
            "was_task_id": item["task_id"], "was_epoch": item["epoch"], "was_done": outcome["done"],
            "was_number": task["number"], "was_claim_epoch": 1, "was_status": outcome["status"],
            "was_version": outcome["version"], "was_anothers": False,
            "id": given and given["task"]["id"], "claim_epoch": given and 1,
            "expires_at": given and given["lease_expires_at"],
        }
        for item, outcome, task, given in zip(
            items, answer["outcomes"], (first["task"], second["task"]), (claim, None), strict=True
        )
    ]  # fmt: skip
    async with LedgerEngine(ledger_dsn).opened(max_size=1) as old:
        await old.rows("UPDATE idempotency_key SET rows = $1 WHERE key = 'k'", kept)
    assert await worker.post("/tasks/settle", key="k", agent="seed-1", n=1, items=items) == answer
