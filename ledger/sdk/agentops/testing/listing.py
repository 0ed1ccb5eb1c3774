"""Lists of tasks over the wire, in memory: filters, words, order, pages."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from agentops import errors
from agentops.testing.asking import Asking, checked, zoned
from agentops.wire import Page, Priority, SortOrder, Task, TaskSort, TaskStatus

RANKS = tuple(Priority)
_EVER = datetime.max.replace(tzinfo=UTC)
_WORD = re.compile(r'-?"[^"]*"|\S+')

Word = TypeVar("Word", bound=StrEnum)


def list_tasks(asking: Asking) -> Page[Task]:
    query = asking.query
    checked([query.get("project_id"), query.get("parent_id")], "project_id or parent_id")
    statuses = _words(query.get("status", ""), TaskStatus, "status")
    priorities = _words(query.get("priority", ""), Priority, "priority")
    since, before = (_time(query.get(name), name) for name in ("updated_since", "due_before"))
    plain = ("project_id", "parent_id", "assigned_to", "origin")
    found = [
        task
        for task in (kept.task for kept in asking.state.tasks.values())
        if (not statuses or task.status in statuses)
        and (not priorities or task.priority in priorities)
        and all(getattr(task, name) == query[name] for name in plain if name in query)
        and ("number" not in query or task.number == int(query["number"]))
        and (since is None or task.updated_at >= since)
        and (before is None or (task.due_at or _EVER) < before)
        and says(f"{task.title} {task.description}", query.get("q", ""))
    ]
    return _page(asking, _sorted(found, query))


def _sorted(tasks: Sequence[Task], query: dict[str, str]) -> list[Task]:
    """Equal ones by their number; tasks without a date come last, either way."""
    sort = TaskSort(query.get("sort", TaskSort.CREATED))
    descends = SortOrder(query.get("order", _usual(sort))) is SortOrder.DESC
    dateless = [task for task in tasks if sort is TaskSort.DUE and task.due_at is None]
    placed = sorted((task for task in tasks if task not in dateless), key=_KEYS[sort], reverse=descends)
    return placed + sorted(dateless, key=_KEYS[TaskSort.CREATED], reverse=descends)


def _usual(sort: TaskSort) -> SortOrder:
    return SortOrder.ASC if sort is TaskSort.DUE else SortOrder.DESC


_KEYS = {
    TaskSort.CREATED: lambda task: (task.number,),
    TaskSort.UPDATED: lambda task: (task.updated_at, task.number),
    TaskSort.PRIORITY: lambda task: (RANKS.index(task.priority), task.number),
    TaskSort.DUE: lambda task: (task.due_at, task.number),
}


def _page(asking: Asking, tasks: list[Task]) -> Page[Task]:
    numbers = [f"n{task.number}" for task in tasks]
    cursor = asking.query.get("cursor")
    if cursor is not None and not re.fullmatch(r"n\d+", cursor):
        raise errors.ValidationFailed("cursor: take it from `next` of the page before")
    start = numbers.index(cursor) + 1 if cursor in numbers else 0
    page = tasks[start : start + asking.number("limit", 50)]
    more = start + len(page) < len(tasks)
    return Page(items=page, next=f"n{page[-1].number}" if more else None)


def _words(text: str, kind: type[Word], field: str) -> list[Word]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if unknown := set(words) - set(kind):
        raise errors.ValidationFailed(f"{field}: {min(unknown)[:60]!r} is none of {', '.join(kind)}")
    return [kind(word) for word in words]


def _time(text: str | None, field: str) -> datetime | None:
    try:
        time = None if text is None else datetime.fromisoformat(text)
    except ValueError as error:
        raise errors.ValidationFailed(f"{field}: write 2026-01-31T10:00:00Z") from error
    zoned(time, field)
    return time


def says(text: str, q: str) -> bool:
    """Whether a text has the words: `words "a phrase" or -without`; the last may be a beginning."""
    words = re.findall(r"\w+", text.lower())
    asked = [part for part in re.split(r"\s+or\s+", q.lower()) if part.strip()]
    return not asked or any(_all(words, part, part is asked[-1]) for part in asked)


def _all(words: list[str], part: str, last: bool) -> bool:
    terms = _WORD.findall(part)
    return all(
        _has(words, term.lstrip("-"), begins=last and term is terms[-1] and not term.endswith('"'))
        is not term.startswith("-")
        for term in terms
    )


def _has(words: list[str], term: str, *, begins: bool) -> bool:
    wanted = re.findall(r"\w+", term)
    starts = range(len(words) - len(wanted) + 1)
    for start in starts:
        found = words[start : start + len(wanted)]
        if found == wanted or (begins and found[:-1] == wanted[:-1] and found[-1].startswith(wanted[-1])):
            return True
    return False
