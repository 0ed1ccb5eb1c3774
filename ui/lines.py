"""A task as one line of a list: made from the ledger's row, or moved on by what an event says of it.

An event holds nearly all that a line shows, so a change is on the screen before the ledger is asked again.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from agentops.wire import Event, Priority, Task, TaskId, TaskStatus
from ui import markup, wording

MAX_NOTE_CHARS = 300
FINISHED = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})


class Line(msgspec.Struct, frozen=True):
    """What a list or a board shows of one task; sent to the browser as it is."""

    id: TaskId
    number: int
    title: str
    priority: Priority
    status: TaskStatus
    progress: float | None
    """0 to 1, as the worker last said."""
    note: str
    """Its result, its question, or why it failed, in one line of plain text."""
    at: datetime
    """When it ended, or else when it last changed."""
    version: int


class _Said(msgspec.Struct, frozen=True):
    """What events say of a task."""

    number: int
    title: str
    status: TaskStatus
    priority: Priority
    version: int
    progress: float | None = None
    result: object = None
    error: str | None = None
    question: str | None = None


def line_of(task: Task) -> Line:
    """The line of a row of the ledger."""
    return Line(
        id=task.id,
        number=task.number,
        title=task.title,
        priority=task.priority,
        status=task.status,
        progress=task.progress,
        note=_plain(result_text(task)),
        at=task.finished_at or task.updated_at,
        version=task.version,
    )


def lines_of(tasks: Sequence[Task]) -> tuple[Line, ...]:
    """A line for each."""
    return tuple(line_of(task) for task in tasks)


def result_text(task: Task) -> str:
    """What a task said last, as Markdown: its result, its question, or why it failed."""
    said = {TaskStatus.FAILED: task.error, TaskStatus.BLOCKED: task.blocked_reason}
    return said.get(task.status) or wording.said_result(task.result)


def told(event: Event, before: Line | None) -> Line | None:
    """The line after an event about its task; None when the event does not say enough, or is older."""
    try:
        said = msgspec.convert(event.payload, _Said, strict=False)
    except msgspec.ValidationError:
        return None
    if event.task_id is None or (before is not None and said.version < before.version):
        return None
    same = before is not None and before.status is said.status
    return Line(
        id=event.task_id,
        number=said.number,
        title=said.title,
        priority=said.priority,
        status=said.status,
        progress=said.progress if event.type == "task.progress" or not (before and same) else before.progress,
        note=before.note if before and same else _plain(_text(said)),
        at=before.at if before and same and said.status in FINISHED else event.at,
        version=said.version,
    )


def _text(said: _Said) -> str:
    if said.status is TaskStatus.FAILED:
        return said.error or ""
    if said.status is TaskStatus.BLOCKED:
        return said.question or ""
    return wording.said_result(said.result) if isinstance(said.result, dict) else ""


def _plain(text: str) -> str:
    return markup.to_line(text)[:MAX_NOTE_CHARS]
