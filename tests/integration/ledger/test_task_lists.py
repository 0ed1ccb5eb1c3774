"""Lists of tasks: filters, orders, and pages while others write."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agentops import AgentOpsClient
from agentops.wire import NewTask, Priority, SortOrder, TaskPatch, TaskSort
from tests.integration.ledger.api import Api

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


async def _titles(ops: AgentOpsClient, **query: Any) -> list[str]:
    return [task.title for task in (await ops.list_tasks(**query)).items]


async def test_parts_of_a_task_are_listed(ops: AgentOpsClient) -> None:
    house = await ops.create_task(NewTask(title="House"))
    for title in ("Roof", "Door"):
        await ops.create_task(NewTask(title=title, parent_id=house.id))
    assert await _titles(ops, parent_id=house.id) == ["Door", "Roof"]


async def test_tasks_are_filtered_by_time(ops: AgentOpsClient) -> None:
    early = await ops.create_task(NewTask(title="early", due_at=NOON))
    late = await ops.create_task(NewTask(title="late", due_at=NOON + timedelta(days=1)))
    never = await ops.create_task(NewTask(title="never"))
    assert await _titles(ops, due_before=NOON + timedelta(seconds=1)) == ["early"]
    assert await _titles(ops, due_before=NOON) == []
    assert await _titles(ops, updated_since=late.updated_at) == ["never", "late"]
    touched = await ops.update_task(early.id, TaskPatch(description="x"))
    assert await _titles(ops, updated_since=touched.updated_at) == ["early"]
    assert await _titles(ops, updated_since=never.updated_at, due_before=NOON + timedelta(1)) == ["early"]


async def test_tasks_come_in_the_order_that_was_asked_for(ops: AgentOpsClient) -> None:
    a = await ops.create_task(NewTask(title="a", priority=Priority.LOW, due_at=NOON))
    await ops.create_task(NewTask(title="b", priority=Priority.CRITICAL))
    await ops.create_task(NewTask(title="c", priority=Priority.LOW, due_at=NOON - timedelta(1)))
    await ops.create_task(NewTask(title="d"))
    await ops.update_task(a.id, TaskPatch(description="x"))
    orders = {
        (sort, order): "".join(await _titles(ops, sort=sort, order=order))
        for sort in TaskSort
        for order in (None, SortOrder.ASC, SortOrder.DESC)
    }
    assert orders == {
        (TaskSort.CREATED, None): "dcba", (TaskSort.CREATED, SortOrder.ASC): "abcd",
        (TaskSort.CREATED, SortOrder.DESC): "dcba",
        (TaskSort.UPDATED, None): "adcb", (TaskSort.UPDATED, SortOrder.ASC): "bcda",
        (TaskSort.UPDATED, SortOrder.DESC): "adcb",
        (TaskSort.PRIORITY, None): "bdca", (TaskSort.PRIORITY, SortOrder.ASC): "acdb",
        (TaskSort.PRIORITY, SortOrder.DESC): "bdca",
        (TaskSort.DUE, None): "cabd", (TaskSort.DUE, SortOrder.ASC): "cabd",
        (TaskSort.DUE, SortOrder.DESC): "acdb",
    }  # fmt: skip
    assert await _titles(ops, priority=[Priority.LOW, Priority.CRITICAL]) == ["c", "b", "a"]
    assert await _titles(ops, priority=Priority.LOW) == ["c", "a"]


@pytest.mark.parametrize("sort", TaskSort)
@pytest.mark.parametrize("order", SortOrder)
async def test_pages_are_exact_while_tasks_are_made(
    ops: AgentOpsClient, sort: TaskSort, order: SortOrder
) -> None:
    """Every task of the beginning is seen once; what is made meanwhile is seen once at most."""

    async def make(n: int) -> str:
        due = None if n % 3 == 0 else NOON + timedelta(hours=n % 4)
        new = NewTask(title=f"t{n}", priority=list(Priority)[n % 4], due_at=due)
        return (await ops.create_task(new)).id

    before = [await make(n) for n in range(17)]
    seen: list[str] = []
    cursor: str | None = None
    for n in range(17, 60):
        page = await ops.list_tasks(sort=sort, order=order, limit=3, cursor=cursor)
        seen += [task.id for task in page.items]
        cursor = page.next
        if cursor is None:
            break
        if n < 30:
            await make(n)
    assert cursor is None
    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)


async def test_a_cursor_of_another_order_is_refused(admin: Api) -> None:
    for n in range(3):
        await admin.task(f"t{n}", due_at="2030-01-01T00:00:00Z")
    cursor = (await admin.get("/tasks", sort="due", limit=1))["next"]
    for query in ({"sort": "created"}, {"sort": "updated"}, {"sort": "due", "order": "desc"}, {}):
        problem = await admin.get("/tasks", 400, cursor=cursor, **query)
        assert problem["code"] == "validation_failed"
    for query in ({"sort": "size"}, {"order": "up"}, {"updated_since": "yesterday"}, {"parent_id": "x"},
                  {"due_before": "2030-01-01T00:00:00"}):  # fmt: skip
        assert (await admin.get("/tasks", 400, **query))["code"] == "validation_failed"
