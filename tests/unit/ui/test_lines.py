"""A list that follows events shows what the ledger would answer, and asks where they do not say enough."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from agentops.wire import Event, Priority, ProjectId, TaskId, TaskSort, TaskStatus
from ui.lines import Line, told
from ui.queries import COLUMNS, Columns, Listed, Query, moved_columns, moved_list

AT = datetime(2030, 1, 1, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)


def line(number: int, **differs: Any) -> Line:
    standing = {"status": TaskStatus.PENDING, "progress": None, "note": "", "at": AT, "version": 1}
    return Line(
        **{
            "id": TaskId(f"t{number}"),
            "number": number,
            "title": f"Task {number}",
            "priority": Priority.MEDIUM,
            **standing,
            **differs,
        }
    )


def event(
    kind: str, number: int, status: TaskStatus, *, version: int = 2, project: str = "p1", **extra: Any
) -> Event:
    payload = {
        "number": number,
        "title": f"Task {number}",
        "status": status.value,
        "priority": "medium",
        "version": version,
        **extra,
    }
    return Event(
        cursor="1",
        type=kind,
        entity_type="task",
        entity_id=f"t{number}",
        task_id=TaskId(f"t{number}"),
        project_id=ProjectId(project),
        actor="a",
        payload=payload,
        traceparent=None,
        at=LATER,
    )


NEW = event("task.created", 9, TaskStatus.PENDING, version=1)
CLAIMED = event("task.claimed", 2, TaskStatus.IN_PROGRESS)
PAGE = Listed((line(3), line(2), line(1)))


def numbers(listed: Listed) -> list[int]:
    return [shown.number for shown in listed.lines]


@pytest.mark.parametrize(
    ("status", "extra", "note"),
    [
        (TaskStatus.COMPLETED, {"result": {"summary": "Two **rows**"}}, "Two rows"),
        (TaskStatus.FAILED, {"error": "Line 17"}, "Line 17"),
        (TaskStatus.BLOCKED, {"question": "Which *week*?"}, "Which week?"),
        (TaskStatus.COMPLETED, {"result": {"summary": 7}}, ""),
        (TaskStatus.PENDING, {"error": "tried again later"}, ""),
    ],
)
def test_a_line_says_what_the_event_said(status: TaskStatus, extra: dict[str, Any], note: str) -> None:
    after = told(event("task.x", 2, status, **extra), line(2))
    assert after == line(2, status=status, note=note, at=LATER, version=2)


def test_progress_is_taken_from_its_event_and_kept_by_others() -> None:
    running = line(2, status=TaskStatus.IN_PROGRESS, progress=0.2)
    beat = event("task.progress", 2, TaskStatus.IN_PROGRESS, version=1, progress=0.4)
    renamed = event("task.updated", 2, TaskStatus.IN_PROGRESS)
    assert _progress(told(beat, running)) == 0.4
    assert _progress(told(renamed, running)) == 0.2


def test_what_is_older_than_the_line_changes_nothing() -> None:
    assert told(CLAIMED, line(2, version=3)) is None


@pytest.mark.parametrize("payload", [{}, {"number": "x"}, NEW.payload | {"status": "on fire"}])
def test_an_event_that_says_too_little_is_asked_about(payload: dict[str, Any]) -> None:
    strange = msgspec.structs.replace(NEW, payload=payload)
    assert not moved_list(PAGE, Query(), strange).sure


def test_a_new_task_is_at_the_top_of_the_newest() -> None:
    after = moved_list(PAGE, Query(), NEW)
    assert after.sure
    assert numbers(after.value) == [9, 3, 2, 1]
    assert numbers(moved_list(PAGE, Query(), NEW, limit=3).value) == [9, 3, 2]


def test_a_change_stays_in_its_place() -> None:
    after = moved_list(PAGE, Query(), CLAIMED).value
    assert numbers(after) == [3, 2, 1]
    assert after.lines[1].status is TaskStatus.IN_PROGRESS


def test_what_no_longer_matches_goes_and_what_begins_to_match_comes() -> None:
    waiting, running = Query(status=TaskStatus.PENDING), Query(status=TaskStatus.IN_PROGRESS)
    assert numbers(moved_list(PAGE, waiting, CLAIMED).value) == [3, 1]
    held = Listed((line(3, status=TaskStatus.IN_PROGRESS), line(1, status=TaskStatus.IN_PROGRESS)))
    assert numbers(moved_list(held, running, CLAIMED).value) == [3, 2, 1]


@pytest.mark.parametrize(
    "other",
    [Query(project="p2"), Query(priority=Priority.HIGH), Query(status=TaskStatus.FAILED)],
)
def test_other_tasks_are_not_let_in(other: Query) -> None:
    after = moved_list(Listed(()), other, NEW)
    assert after.sure
    assert after.value == Listed(())


@pytest.mark.parametrize(
    "other",
    [Query(words="rows"), Query(sort=TaskSort.DUE), Query(sort=TaskSort.PRIORITY), Query(cursor="abc")],
)
def test_where_only_the_ledger_knows_the_place_it_is_asked(other: Query) -> None:
    after = moved_list(PAGE, other, NEW)
    assert not after.sure
    assert after.value == PAGE


def test_an_old_task_that_belongs_to_a_later_page_stays_there() -> None:
    page = Listed((line(9), line(8)), next="more")
    assert moved_list(page, Query(), CLAIMED).value == page


def test_on_the_board_a_task_moves_to_the_top_of_its_new_lane() -> None:
    lanes = {status: Listed(()) for status in COLUMNS}
    lanes[TaskStatus.PENDING] = PAGE
    lanes[TaskStatus.IN_PROGRESS] = Listed((line(7, status=TaskStatus.IN_PROGRESS),))
    after = moved_columns(Columns(tuple(lanes.items())), Query(board=True), CLAIMED)
    assert after.sure
    shown = {status: numbers(listed) for status, listed in after.value.columns}
    assert shown[TaskStatus.PENDING] == [3, 1]
    assert shown[TaskStatus.IN_PROGRESS] == [2, 7]


def _progress(shown: Line | None) -> float | None:
    assert shown
    return shown.progress
