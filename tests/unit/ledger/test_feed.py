"""A slow listener is told so, and costs no memory."""

import asyncio
from datetime import UTC, datetime

import pytest

from agentops.wire import Event, ProjectId, TaskId
from ledger.errors import ValidationFailed
from ledger.events.feed import MAX_WAITING, Lagged, Listener
from ledger.events.log import BEGINNING, Cursor, EventFilter, cursor_of, types_of


def _event(n: int, kind: str = "task.created", project: str | None = None) -> Event:
    return Event(
        cursor=f"1-{n}",
        type=kind,
        entity_type="task",
        entity_id=str(n),
        task_id=TaskId("t"),
        project_id=ProjectId(project) if project else None,
        actor="a",
        payload={},
        traceparent=None,
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )


async def test_a_listener_that_falls_behind_is_told_to_come_again() -> None:
    listener = Listener(EventFilter(), BEGINNING)
    for n in range(MAX_WAITING + 1):
        listener.offer([b"%d" % n])
    with pytest.raises(Lagged):
        await listener.take()


async def test_a_listener_takes_what_waits_in_one_frame() -> None:
    listener = Listener(EventFilter(types=("task.*",)), BEGINNING)
    taking = asyncio.create_task(listener.take())
    await asyncio.sleep(0)
    for n in range(3):
        listener.offer([b"%d" % n])
    assert await taking == [b"0", b"1", b"2"]


@pytest.mark.parametrize(
    ("types", "kind", "wanted"),
    [
        ((), "task.created", True),
        (("task.*",), "task.created", True),
        (("task.*",), "agent.online", False),
        (("agent.offline", "task.created"), "task.created", True),
        (("task.c",), "task.created", False),
    ],
)
def test_a_filter_wants_types_by_name_or_by_prefix(types: tuple[str, ...], kind: str, wanted: bool) -> None:
    assert EventFilter(types).wants(_event(1, kind)) is wanted


def test_a_filter_wants_one_project() -> None:
    assert EventFilter(project_id="p").wants(_event(1, project="p"))
    assert not EventFilter(project_id="p").wants(_event(1))


def test_a_cursor_reads_as_it_was_written() -> None:
    assert cursor_of(str(Cursor(12, 34))) == Cursor(12, 34)
    assert cursor_of("0") == BEGINNING
    for text in ("", "x", "1", "1-", "-1-2", "1-2-3", "9" * 30 + "-1", "¹-²", "1-2\n"):
        with pytest.raises(ValidationFailed):
            cursor_of(text)


def test_types_are_a_list_of_names_and_prefixes() -> None:
    assert types_of(" task.*, agent.offline,") == ("task.*", "agent.offline")
    assert types_of(None) == types_of("*,task.*") == ()
    for text in ("TASK.*", "task.**", "task%", "a'b", "x" * 80):
        with pytest.raises(ValidationFailed):
            types_of(text)
