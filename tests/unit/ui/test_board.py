"""The overview's counts, moved on by what an event tells."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agentops.wire import Event, Stats, TaskId
from ui.board import one_more

STATS = Stats(tasks={"pending": 3, "failed": 1}, agents_online=0, gates_open=0, oldest_pending_s=None)


def created(payload: dict[str, Any]) -> Event:
    return Event(
        cursor="1",
        type="task.created",
        entity_type="task",
        entity_id="t",
        task_id=TaskId("t"),
        project_id=None,
        actor="a",
        payload=payload,
        traceparent=None,
        at=datetime(2030, 1, 1, tzinfo=UTC),
    )


def test_a_new_task_is_counted() -> None:
    assert one_more(STATS, created({"status": "pending"})).tasks == {"pending": 4, "failed": 1}
    assert STATS.tasks["pending"] == 3


@pytest.mark.parametrize("payload", [{}, {"status": "on fire"}, {"status": None}])
def test_what_cannot_be_counted_waits_for_the_ledger(payload: dict[str, Any]) -> None:
    assert one_more(STATS, created(payload)) == STATS
