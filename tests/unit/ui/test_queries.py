"""The address of a list of tasks, and what makes its answer old."""

from datetime import UTC, datetime

import pytest

from agentops.wire import Event, Priority, TaskSort, TaskStatus
from ui.queries import Query

CHOSEN = Query(
    status=TaskStatus.FAILED,
    words="sales & costs",
    project="p1",
    priority=Priority.HIGH,
    sort=TaskSort.DUE,
    cursor="abc",
)


def event(kind: str) -> Event:
    return Event(
        cursor="1",
        type=kind,
        entity_type="task",
        entity_id="t",
        task_id=None,
        project_id=None,
        actor="a",
        payload={},
        traceparent=None,
        at=datetime(2030, 1, 1, tzinfo=UTC),
    )


def test_an_address_names_the_whole_choice() -> None:
    address = "/tasks?status=failed&q=sales+%26+costs&project=p1&priority=high&sort=due&cursor=abc"
    assert CHOSEN.address == address


def test_a_choice_is_found_again_by_its_address() -> None:
    sent = {
        "status": "failed",
        "q": "sales & costs",
        "project": "p1",
        "priority": "high",
        "sort": "due",
        "cursor": "abc",
    }
    assert Query.of(sent) == CHOSEN


@pytest.mark.parametrize("wrong", ["nonsense", "", "FAILED", "'; DROP TABLE task"])
def test_what_cannot_be_understood_is_left_out(wrong: str) -> None:
    assert Query.of({"status": wrong, "priority": wrong, "sort": wrong, "view": wrong}) == Query()


def test_all_tasks_have_the_plain_address() -> None:
    assert Query().address == "/tasks"
    assert not Query().is_narrowed


def test_progress_matters_only_where_running_tasks_are_shown() -> None:
    assert Query().touched_by(event("task.progress"))
    assert Query(board=True).touched_by(event("task.progress"))
    assert not Query(status=TaskStatus.FAILED).touched_by(event("task.progress"))
    assert Query(status=TaskStatus.FAILED).touched_by(event("task.failed"))
    assert not Query().touched_by(event("agent.online"))
