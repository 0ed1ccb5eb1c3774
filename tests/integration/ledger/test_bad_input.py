"""Whatever comes in: a clear refusal, in one format, and nothing changed."""

import asyncio
import contextlib
from typing import Any

import httpx
import pytest
from msgspec import json as wire_json

from agentops.wire import Problem
from tests.integration.ledger.api import Api

SOME_ID = "00000000-0000-0000-0000-000000000000"


def _problem(response: httpx.Response) -> Problem:
    assert response.headers["content-type"].startswith("application/problem+json"), response.text
    problem = wire_json.decode(response.content, type=Problem)
    assert problem.status == response.status_code
    assert problem.detail
    assert problem.instance
    return problem


BODIES: list[tuple[str, Any]] = [
    ("no title", {}),
    ("empty title", {"title": ""}),
    ("long title", {"title": "x" * 201}),
    ("a megabyte", {"title": "x", "description": "x" * 1_000_000}),
    ("NUL in the title", {"title": "a\x00b"}),
    ("NUL in the context", {"title": "x", "context": {"a": "b\x00"}}),
    ("NUL in a key of the context", {"title": "x", "context": {"a\x00": 1}}),
    ("an unknown field", {"title": "x", "titel": "y"}),
    ("an unknown priority", {"title": "x", "priority": "urgent"}),
    ("a number for a text", {"title": 5}),
    ("an id that is none", {"title": "x", "project_id": "x"}),
    ("an id of nothing", {"title": "x", "project_id": SOME_ID}),
    ("an unknown parent", {"title": "x", "parent_id": SOME_ID}),
    ("an unknown dependency", {"title": "x", "depends_on": [SOME_ID]}),
    ("no attempts", {"title": "x", "max_attempts": 0}),
    ("negative hours", {"title": "x", "estimated_hours": -1}),
    ("a time without a zone", {"title": "x", "due_at": "2026-01-01T10:00:00"}),
    ("a time that is none", {"title": "x", "due_at": "tomorrow"}),
    ("a time before all", {"title": "x", "due_at": "0001-01-01T00:00:00+14:00"}),
    ("a list", []),
    ("nothing", None),
]


async def test_a_bad_task_is_refused_and_changes_nothing(admin: Api) -> None:
    for name, body in BODIES:
        problem = _problem(await admin.client.post("/tasks", json=body))
        assert (problem.status, problem.code) == (400, "validation_failed"), name
    assert await admin.types() == []


async def test_odd_but_valid_content_is_stored_as_it_is(admin: Api) -> None:
    context = {"big": 2**70, "deep": [[[{"é": "😀"}]]], "float": 1e-300, "": None}
    for body in (
        {"title": "😀" * 200, "description": "'; DROP TABLE task; --", "context": context},
        {"title": "%_\\", "due_at": "9999-12-31T23:59:59+00:00", "run_after": "0002-01-01T00:00:00Z"},
    ):
        response = await admin.client.post("/tasks", json=body)
        assert response.status_code == 201, response.text
        got = await admin.get(f"/tasks/{response.json()['id']}")
        assert {name: got[name] for name in ("title", "description", "context") if name in body} == {
            name: body[name] for name in ("title", "description", "context") if name in body
        }
    for signs in ("%_\\", "'", '"', "-", "& | !", "a:*b", "((", "x'y"):
        assert (await admin.get("/tasks", q=signs))["items"] == []
    assert (await admin.get("/tasks", q="x_y"))["items"] == []


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"\xff\xfe", b'{"title": "x"} trailing', b'{"title": "\\ud800"}', b'"text"', b"1e400",
        b'{"title": "x", "context": {"n": 1e400}}',
        b'{"title": "x", "context": {"n": ' + b"9" * 5000 + b"}}",
        b'{"title": "x", "context": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}",
        b'{"title": "x", "context": {"n": NaN}}',
    ],
    ids=lambda content: repr(content[:20]),
)  # fmt: skip
async def test_a_body_that_is_no_good_json_is_refused(admin: Api, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    problem = _problem(await admin.client.post("/tasks", content=content, headers=headers))
    assert (problem.status, problem.code) == (400, "validation_failed")
    assert await admin.types() == []


async def test_a_body_of_many_megabytes_is_too_large(admin: Api) -> None:
    problem = _problem(
        await admin.client.post("/tasks", json={"title": "x", "context": {"a": "x" * 5_000_000}})
    )
    assert (problem.status, problem.code) == (413, "too_large")


async def test_numbers_beyond_the_database_are_refused(admin: Api) -> None:
    claim = await admin.claimed()
    path = f"/tasks/{claim['task']['id']}"
    for number in (2**31, 2**63, 2**64, 2**200, -(2**40)):
        for name, body in [
            ("complete", {"epoch": number}),
            ("heartbeat", {"epoch": number}),
            ("claim", {"agent": "a", "version": number}),
            ("block", {"epoch": 1, "question": "x", "expires_in_s": abs(number) << 64}),
        ]:
            problem = _problem(await admin.client.post(f"{path}/{name}", json=body))
            assert problem.status in (400, 409), (name, number)
        problem = _problem(await admin.client.patch(path, json={"title": "y", "version": number}))
        assert problem.status in (400, 409)
    assert (await admin.get(path))["version"] == 2


@pytest.mark.parametrize(
    "noun", ["tasks", "projects", "gates", "artifacts", "agents", "tasks/x/attempts", "artifacts/x/content"]
)
async def test_what_does_not_exist_is_not_found(admin: Api, noun: str) -> None:
    for name in (SOME_ID, "nonsense", "%00", "%ff", "a" * 3000, "1 OR 1=1", "..%2f..%2fetc"):
        path = f"/{noun.replace('x', name)}" if "/x" in noun else f"/{noun}/{name}"
        problem = _problem(await admin.client.get(path))
        assert problem.status in (400, 404), path
    assert problem.code.endswith("not_found")


@pytest.mark.parametrize(
    "query",
    [
        "/tasks?status=sleeping", "/tasks?priority=5", "/tasks?limit=0", "/tasks?limit=201",
        "/tasks?limit=x",
        "/tasks?cursor=nonsense", "/tasks?cursor=bjk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk", "/tasks?cursor=%00",
        "/tasks?project_id=x", "/tasks?number=99999999999999999999999", "/tasks?q=%00",
        "/tasks?assigned_to=%00", "/events?limit=100000",
        "/gates?status=closed", "/gates?task_id=x", "/artifacts?task_id=x",
        "/events?after=x", "/events?after=99999999999999999999-1", "/events?types=%27",
        "/sessions/main/turns?after=x", "/sessions/main/turns?limit=9999", "/sessions/%20/turns",
        "/sessions/main/turns?after=5&before=3",
    ],
)  # fmt: skip
async def test_a_bad_query_is_refused(admin: Api, query: str) -> None:
    problem = _problem(await admin.client.get(query))
    assert (problem.status, problem.code) == (400, "validation_failed")


async def test_wrong_paths_and_methods_are_problems_too(admin: Api) -> None:
    assert _problem(await admin.client.get("/nothing")).code == "not_found"
    root = str(admin.client.base_url).removesuffix("/api/v1/")
    assert _problem(await admin.client.get(f"{root}/")).code == "not_found"
    for method, path, allowed in [
        ("PUT", "/tasks", {"GET", "POST"}),
        ("DELETE", "/tasks/x", {"GET", "PATCH"}),
        ("GET", "/tasks/claim-next", {"POST"}),
        ("POST", "/stats", {"GET"}),
    ]:
        response = await admin.client.request(method, path)
        if path.endswith("claim-next"):
            # It reads as the id of a task.
            assert response.status_code in (404, 405)
            continue
        problem = _problem(response)
        assert (problem.status, problem.code) == (405, "method_not_allowed")
        assert set(response.headers["allow"].replace(" ", "").split(",")) - {"OPTIONS", "HEAD"} == allowed


async def test_an_error_says_where_it_is(admin: Api) -> None:
    problem = _problem(await admin.client.post("/tasks", json={"title": "x", "max_attempts": 99}))
    assert "max_attempts" in problem.detail
    assert "20" in problem.detail


async def test_an_upload_that_is_too_large_is_refused_before_it_is_sent_and_not_read_to_its_end(
    ledger_url: str, admin_key: str
) -> None:
    address = httpx.URL(ledger_url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    head = f"host: ledger\r\nauthorization: Bearer {admin_key}\r\ncontent-length: 9000000000\r\n\r\n"
    writer.write(f"POST /api/v1/artifacts?name=a HTTP/1.1\r\n{head}".encode())
    async with asyncio.timeout(30):
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 413")
        assert b"connection: close" in answer.lower()
        sent = 0
        with contextlib.suppress(OSError):
            while sent < 100_000_000:
                writer.write(bytes(1_000_000))
                await writer.drain()
                await asyncio.sleep(0)
                sent += 1_000_000
    writer.close()
    assert sent < 100_000_000
