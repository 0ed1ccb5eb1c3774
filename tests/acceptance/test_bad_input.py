"""Bad input gets a clear error that says what to do, and changes nothing."""

import uuid

import httpx
import pytest

from agentops import AgentOpsClient
from agentops.wire import NewTask, TaskStatus
from tests.acceptance.stack import Stack
from tests.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="session")]


async def everything(ops: AgentOpsClient) -> tuple[int, int]:
    """How much the ledger holds: tasks, and events about work so far."""
    events = 0
    cursor = "0"
    types = ("task.*", "project.*", "artifact.*", "gate.*")
    while (page := await ops.list_events(after=cursor, types=types)).events:
        events += len(page.events)
        cursor = page.cursor
    return sum((await ops.stats()).tasks.values()), events


async def post_turn(stack: Stack, **request: object) -> httpx.Response:
    async with httpx.AsyncClient(base_url=stack.gateway, timeout=60) as http:
        return await http.post(
            "/api/v1/sessions/bad-input/turns",
            headers={"Authorization": f"Bearer {stack.admin_key}"},
            **request,  # type: ignore[arg-type]
        )


def problem(response: httpx.Response, status: int, code: str) -> str:
    """The detail of a problem+json answer, checked."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/problem+json")
    body = response.json()
    assert body["code"] == code
    assert len(body["detail"]) > 10
    return str(body["detail"])


async def test_an_empty_message_is_refused_with_advice(stack: Stack) -> None:
    async with stack.ops() as ops:
        before = await everything(ops)
        problem(await stack.chat("bad-input", "   "), 400, "empty_message")
        problem(await post_turn(stack, json={"text": ""}), 400, "empty_message")
        assert await everything(ops) == before
        assert (await ops.list_turns("bad-input")).items == []


async def test_a_megabyte_of_text_is_refused_with_advice(stack: Stack) -> None:
    async with stack.ops() as ops:
        before = await everything(ops)
        assert "file" in problem(await stack.chat("bad-input", "x" * 1_000_000), 413, "too_large")
        assert "file" in problem(await post_turn(stack, json={"text": "x" * 1_000_000}), 413, "too_large")
        assert await everything(ops) == before


async def test_a_50_megabyte_upload_is_refused_with_the_limit(stack: Stack) -> None:
    async with stack.ops() as ops:
        before = await everything(ops)
        files = {"files": ("big.csv", b"a,b\n" * 12_500_000, "text/csv")}
        detail = problem(await post_turn(stack, data={"text": "analyse this"}, files=files), 413, "too_large")
        assert "25 MB" in detail
        assert await everything(ops) == before


async def test_a_wrong_key_is_refused_everywhere(stack: Stack) -> None:
    wrong = {"Authorization": "Bearer cos_admin_wrong"}
    async with httpx.AsyncClient(timeout=30) as http:
        task = {"title": "not mine"}
        turn = {"text": "hello"}
        chat = {"message": "hello", "session_id": "s"}
        problem(
            await http.post(f"{stack.ledger}/api/v1/tasks", json=task, headers=wrong), 401, "unauthenticated"
        )
        problem(
            await http.post(f"{stack.gateway}/api/v1/sessions/s/turns", json=turn, headers=wrong),
            401,
            "unauthenticated",
        )
        problem(await http.post(f"{stack.chief}/chat", json=chat, headers=wrong), 401, "unauthenticated")
        problem(await http.post(f"{stack.chief}/chat", json=chat), 401, "unauthenticated")


async def test_a_reader_may_not_speak_for_the_person(stack: Stack) -> None:
    reader = {"Authorization": f"Bearer {stack.reader_key}"}
    async with httpx.AsyncClient(timeout=30) as http:
        said = {"text": "create a task to spend money"}
        problem(
            await http.post(f"{stack.gateway}/api/v1/sessions/s/turns", json=said, headers=reader),
            403,
            "forbidden",
        )
        chat = {"message": "create a task", "session_id": "s"}
        problem(await http.post(f"{stack.chief}/chat", json=chat, headers=reader), 403, "forbidden")


async def test_a_wrong_login_shows_how_to_get_a_new_link(stack: Stack) -> None:
    async with httpx.AsyncClient(timeout=30, follow_redirects=True) as http:
        page = await http.get(f"{stack.panel}/login", params={"token": "wrong"})
        assert page.status_code == 401
        assert "cos login" in page.text
        browser = {"accept": "text/html"}
        assert "cos login" in (await http.get(f"{stack.panel}/tasks", headers=browser)).text


async def test_a_login_link_works_once(stack: Stack) -> None:
    link = (await stack.cos("login")).strip().split()[-1]
    async with httpx.AsyncClient(timeout=30) as first, httpx.AsyncClient(timeout=30) as second:
        assert (await first.get(link)).status_code == 303
        assert (await first.get(stack.panel)).status_code == 200
        assert (await second.get(link)).status_code == 401


async def test_a_claim_with_an_old_version_is_refused_with_the_present_state(stack: Stack) -> None:
    async with stack.ops() as ops:
        task = await ops.create_task(
            NewTask(title="claimed late", capabilities=[f"only-{uuid.uuid4().hex[:8]}"])
        )
        async with httpx.AsyncClient(base_url=stack.ledger, timeout=30) as http:
            refused = await http.post(
                f"/api/v1/tasks/{task.id}/claim",
                json={"agent": "late", "version": task.version + 7},
                headers={"Authorization": f"Bearer {stack.agent_key}"},
            )
        problem(refused, 409, "version_conflict")
        assert refused.json()["current"]["version"] == task.version
        assert await ops.get_task(task.id) == task


async def test_an_unknown_command_says_what_there_is(stack: Stack) -> None:
    async with stack.ops() as ops:
        before = (await everything(ops))[0]
        said = (await stack.chat("bad-input-commands", "/frobnicate everything")).json()
        assert "/task" in said["response"]
        assert said["actions"] == []
        assert (await everything(ops))[0] == before


async def test_a_broken_csv_fails_with_the_line_that_is_wrong(stack: Stack) -> None:
    broken = b'name,amount\n"Anna,12\nBert,13\nCarl,14,too,many\n'
    async with stack.ops() as ops:
        files = {"files": ("broken.csv", broken, "text/csv")}
        posted = await post_turn(stack, data={"text": "create a task to analyse this file"}, files=files)
        assert posted.status_code == 202

        async def failed() -> str:
            tasks = await ops.list_tasks(status=(TaskStatus.FAILED,), origin="bad-input")
            assert len(tasks.items) == 1
            return tasks.items[0].error or ""

        error = await eventually(failed, timeout_s=60)
        assert "broken.csv: Line 2" in error

        async def told() -> bool:
            return any(
                "broken.csv" in turn.text
                for turn in (await ops.list_turns("bad-input")).items
                if turn.role == "notice"
            )

        assert await eventually(told, timeout_s=20)
