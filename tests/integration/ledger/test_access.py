"""Keys, scopes and logins."""

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.integration.ledger.api import Api, api_for

WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/projects", {"name": "x"}),
    ("PATCH", "/projects/{id}", {"name": "x"}),
    ("DELETE", "/projects/{id}", {}),
    ("POST", "/tasks", {"title": "x"}),
    ("PATCH", "/tasks/{id}", {"title": "x"}),
    ("POST", "/tasks/{id}/cancel", {}),
    ("POST", "/tasks/{id}/retry", {}),
    ("POST", "/gates/{id}/answer", {"answer": "x"}),
    ("POST", "/sessions/main/turns", {"id": "t", "role": "person", "channel": "web", "text": "x"}),
    ("POST", "/keys", {"name": "x", "scope": "admin"}),
    ("DELETE", "/keys/{id}", {}),
    ("DELETE", "/agents/a", {}),
    ("POST", "/logins", {}),
]
WORK: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/tasks/{id}/claim", {"agent": "a", "version": 1}),
    ("POST", "/tasks/claim-next", {"agent": "a"}),
    ("POST", "/tasks/{id}/heartbeat", {"epoch": 1}),
    ("POST", "/tasks/{id}/complete", {"epoch": 1}),
    ("POST", "/tasks/{id}/fail", {"epoch": 1, "error": "x"}),
    ("POST", "/tasks/{id}/block", {"epoch": 1, "question": "x"}),
    ("POST", "/tasks/{id}/release", {"epoch": 1}),
    ("POST", "/tasks/{id}/cancel", {"epoch": 1}),
    ("POST", "/agents", {"name": "a"}),
    ("POST", "/agents/a/heartbeat", {}),
]
SOME_ID = "00000000-0000-0000-0000-000000000000"


async def _send(api: Api, method: str, path: str, body: dict[str, Any]) -> Any:
    content = None if method == "DELETE" else body
    return await api.client.request(method, path.replace("{id}", SOME_ID), json=content)


async def test_a_reader_writes_nothing_and_a_worker_only_works(reader: Api, worker: Api, admin: Api) -> None:
    for method, path, body in WRITES + WORK:
        response = await _send(reader, method, path, body)
        assert (response.status_code, response.json()["code"]) == (403, "forbidden"), path
    for method, path, body in WRITES:
        response = await _send(worker, method, path, body)
        assert (response.status_code, response.json()["code"]) == (403, "forbidden"), path
    assert (await worker.client.get("/keys")).status_code == 403
    assert await admin.types() == []
    for path in ("/projects", "/tasks", "/gates", "/agents", "/sessions", "/stats", "/events", "/artifacts"):
        await reader.get(path)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer nonsense", "Basic YTpi"])
async def test_without_a_good_key_nothing_is_answered(admin: Api, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    if header is None:
        del admin.client.headers["Authorization"]
    for method, path, body in [*WRITES, *WORK, ("GET", "/tasks", {})]:
        request = admin.client.build_request(
            method, path.replace("{id}", SOME_ID), json=body, headers=headers
        )
        response = await admin.client.send(request)
        assert (response.status_code, response.json()["code"]) == (401, "unauthenticated"), path
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.headers["content-type"].startswith("application/problem+json")


async def test_another_workers_key_may_not_use_the_epoch(admin: Api, worker: Api, ledger_url: str) -> None:
    await admin.task()
    (claim,) = (await worker.post("/tasks/claim-next", agent="seed-1"))["claims"]
    other = await admin.post("/keys", 201, name="other", scope="agent")
    async with api_for(ledger_url, other["secret"]) as thief:
        path = f"/tasks/{claim['task']['id']}"
        for name, body in {"complete": {}, "heartbeat": {}, "fail": {"error": "x"}}.items():
            assert (await thief.post(f"{path}/{name}", 403, epoch=1, **body))["code"] == "forbidden"
        result = await thief.post(f"/agents/{'seed-1'}/heartbeat", 404)
        assert result["code"] == "agent_not_found"
    assert (await worker.post(f"{path}/complete", epoch=1))["status"] == "completed"


async def test_a_key_is_shown_once_and_stored_as_a_hash(
    admin: Api, ledger_url: str, ledger_dsn: str, admin_key: str
) -> None:
    made = await admin.post("/keys", 201, name="panel", scope="reader")
    async with api_for(ledger_url, made["secret"]) as api:
        me = await api.get("/keys/self")
        assert (me["id"], me["scope"], me["name"], "secret" in me) == (made["id"], "reader", "panel", False)
    assert all("secret" not in key for key in (await admin.get("/keys"))["items"])
    connection = await asyncpg.connect(ledger_dsn)
    try:
        stored = str([tuple(row) for row in await connection.fetch("SELECT * FROM api_key")])
    finally:
        await connection.close()
    assert made["secret"] not in stored
    assert admin_key not in stored


async def test_a_revoked_key_is_refused(admin: Api, ledger_url: str) -> None:
    made = await admin.post("/keys", 201, name="panel", scope="reader")
    async with api_for(ledger_url, made["secret"]) as api:
        await api.get("/tasks")
        assert (await admin.client.delete(f"/keys/{made['id']}")).status_code == 204
        assert (await api.get("/tasks", 401))["code"] == "unauthenticated"
    assert (await admin.client.delete(f"/keys/{SOME_ID}")).status_code == 404


async def test_a_login_buys_one_key_once(admin: Api, ledger_url: str) -> None:
    login = await admin.post("/logins", 201)
    async with api_for(ledger_url, "none") as anyone:

        async def redeem() -> Any:
            return await anyone.client.post("/logins/redeem", json={"token": login["token"]})

        answers = await asyncio.gather(*(redeem() for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [201] + [401] * 7
        lost = next(answer for answer in answers if answer.status_code == 401)
        assert lost.json()["code"] == "login_invalid"
        key = next(answer for answer in answers if answer.status_code == 201).json()
        assert key["scope"] == "admin"
        assert key["expires_at"] > key["created_at"]
    async with api_for(ledger_url, key["secret"]) as person:
        await person.task("by the person")


async def test_an_old_login_is_refused(admin: Api, ledger_dsn: str, ledger_url: str) -> None:
    login = await admin.post("/logins", 201, expires_in_s=1)
    connection = await asyncpg.connect(ledger_dsn)
    try:
        await connection.execute("UPDATE login SET expires_at = now() - interval '1 second'")
    finally:
        await connection.close()
    async with api_for(ledger_url, "none") as anyone:
        assert (await anyone.post("/logins/redeem", 401, token=login["token"]))["code"] == "login_invalid"
