"""A project of tasks that wait for each other is talked into being; the workers finish it in order."""

import uuid
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from agentops import AgentOpsClient
from agentops.wire import Task
from tests.acceptance.stack import ROOT, Stack, running
from tests.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long, pytest.mark.timeout(400)]

CSV = (ROOT / "docs/examples/coffee-sales.csv").read_bytes()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fresh(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A system with nothing in it: the numbers of tasks are said aloud here."""
    async with running(tmp_path_factory.mktemp("project") / "home") as stack:
        yield stack


async def test_a_project_is_talked_into_being_and_finished_in_order(fresh: Stack) -> None:
    async with fresh.ops() as ops:
        await said(fresh, ops, "create a project called Autumn")
        await said(fresh, ops, "stop everything")
        await said(fresh, ops, "yes")
        assert (await ops.system()).paused
        for _ in range(3):
            await said(fresh, ops, "create a task to analyse this file in project Autumn", CSV)
        await said(fresh, ops, "task 2 depends on task 1")
        await said(fresh, ops, "task 3 depends on task 2")
        [project] = await ops.list_projects()
        tasks = await in_order(ops)
        assert {task.project_id for task in tasks} == {project.id}
        assert [len(task.depends_on) for task in tasks] == [0, 1, 1]
        await said(fresh, ops, "go on")

        async def done() -> bool:
            return all(task.status == "completed" for task in await in_order(ops))

        await eventually(done, timeout_s=240, every_s=0.5)
        ends = [task.finished_at for task in await in_order(ops)]
        begins = [task.started_at for task in await in_order(ops)]
        assert ends[0] <= begins[1]  # type: ignore[operator]
        assert ends[1] <= begins[2]  # type: ignore[operator]
        assert "3 done" in await said(fresh, ops, "what is going on?")


async def in_order(ops: AgentOpsClient) -> list[Task]:
    """All tasks by their numbers."""
    return sorted((await ops.list_tasks()).items, key=lambda task: task.number)


async def said(stack: Stack, ops: AgentOpsClient, text: str, file: bytes | None = None) -> str:
    """Say it as the browser does; the chief's answer."""
    before = len([turn for turn in (await ops.list_turns("main", limit=200)).items if turn.role == "chief"])
    form = {"text": text, "external_id": uuid.uuid4().hex}
    files = {"files": ("sales.csv", file, "text/csv")} if file else None
    headers = {"Authorization": f"Bearer {stack.admin_key}"}
    async with httpx.AsyncClient(base_url=stack.gateway, timeout=30, headers=headers) as http:
        path = "/api/v1/sessions/main/turns"
        answer = await (http.post(path, data=form, files=files) if files else http.post(path, json=form))
        assert answer.status_code == 202, answer.text

    async def answered() -> str:
        turns = (await ops.list_turns("main", limit=200)).items
        answers = [turn.text for turn in turns if turn.role == "chief"]
        return answers[before] if len(answers) > before else ""

    return await eventually(answered, timeout_s=60, every_s=0.1)
