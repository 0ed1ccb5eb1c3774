"""The same request again: the same answer, and nothing done twice."""

import asyncio
from typing import Any

import asyncpg

from tests.integration.ledger.api import Api, api_for


async def test_a_repeated_post_gets_the_stored_answer(admin: Api) -> None:
    headers = {"Idempotency-Key": "k-1"}
    body = {"title": "once"}
    first = await admin.client.post("/tasks", json=body, headers=headers)
    again = await admin.client.post("/tasks", json=body, headers=headers)
    assert (first.status_code, "Idempotency-Replayed" in first.headers) == (201, False)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.content == first.content
    assert await admin.types() == ["task.created"]


async def test_sixteen_duplicates_at_once_do_it_once(admin: Api) -> None:
    async def send() -> Any:
        return await admin.client.post("/tasks", json={"title": "once"}, headers={"Idempotency-Key": "same"})

    answers = await asyncio.gather(*(send() for _ in range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 15
    assert len((await admin.get("/tasks"))["items"]) == 1


async def test_a_key_of_another_request_is_refused(admin: Api) -> None:
    await admin.post("/tasks", 201, key="k", title="one")
    assert (await admin.post("/tasks", 422, key="k", title="two"))["code"] == "idempotency_mismatch"
    assert (await admin.post("/projects", 422, key="k", name="one"))["code"] == "idempotency_mismatch"
    assert len((await admin.get("/tasks"))["items"]) == 1


async def test_keys_of_different_callers_do_not_meet(admin: Api, ledger_url: str) -> None:
    other = await admin.post("/keys", 201, name="other", scope="admin")
    async with api_for(ledger_url, other["secret"]) as second:
        one = await admin.post("/tasks", 201, key="k", title="mine")
        two = await second.post("/tasks", 201, key="k", title="theirs")
    assert one["id"] != two["id"]


async def test_what_was_refused_may_be_tried_again_with_the_same_key(admin: Api) -> None:
    task = await admin.task()
    path = f"/tasks/{task['id']}"
    await admin.post(f"{path}/complete", 409, key="k", epoch=1)
    await admin.post(f"{path}/claim", agent="a", version=1)
    done = await admin.post(f"{path}/complete", 200, key="k", epoch=1)
    assert done["status"] == "completed"
    assert await admin.post(f"{path}/complete", 200, key="k", epoch=1) == done


async def test_a_repeated_claim_gets_the_same_claim(admin: Api, worker: Api) -> None:
    for n in range(3):
        await admin.task(f"Task {n}")
    first = await worker.post("/tasks/claim-next", key="claim-1", agent="a")
    assert await worker.post("/tasks/claim-next", key="claim-1", agent="a") == first
    assert (await admin.get("/stats"))["tasks"]["in_progress"] == 1


async def test_a_repeated_upload_keeps_one_file(admin: Api, tmp_path: Any) -> None:
    async def send(content: bytes) -> Any:
        return await admin.client.post(
            "/artifacts", params={"name": "a.txt"}, content=content, headers={"Idempotency-Key": "up"}
        )

    first, again, other = await send(b"hello"), await send(b"hello"), await send(b"other")
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json()
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


async def test_a_replayed_secret_is_readable_to_its_caller_and_not_in_the_table(
    admin: Api, ledger_url: str, ledger_dsn: str
) -> None:
    first = await admin.post("/keys", 201, key="mint", name="seed", scope="agent")
    assert await admin.post("/keys", 201, key="mint", name="seed", scope="agent") == first
    login = await admin.post("/logins", 201, key="login")
    async with api_for(ledger_url, "none") as anyone:
        redeemed = await anyone.post("/logins/redeem", 201, key="r", token=login["token"])
        assert await anyone.post("/logins/redeem", 201, key="r", token=login["token"]) == redeemed
        refused = await anyone.post("/logins/redeem", 401, key="other", token=login["token"])
        assert refused["code"] == "login_invalid"
    connection = await asyncpg.connect(ledger_dsn)
    try:
        stored = b"".join(row["body"] for row in await connection.fetch("SELECT body FROM idempotency_key"))
    finally:
        await connection.close()
    for secret in (first["secret"], login["token"], redeemed["secret"]):
        assert secret.encode() not in stored


async def test_a_key_that_is_no_key_is_refused(admin: Api) -> None:
    for key in ("", "x" * 201, "caf\u00e9"):
        response = await admin.client.post(
            "/tasks", json={"title": "x"}, headers={b"Idempotency-Key": key.encode("utf-8")}
        )
        assert (response.status_code, response.json()["code"]) == (400, "validation_failed")
