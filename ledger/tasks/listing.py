"""Lists of tasks: which, in which order, page by page.

A page goes on behind the last task of the one before, by what the list is ordered by and the number. So
tasks that are made meanwhile neither repeat nor hide another. One whose place in the order changes
meanwhile is found at its new place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta

from agentops.wire import Page, Priority, SortOrder, Task, TaskSort, TaskStatus
from ledger.engine import LedgerEngine, Row
from ledger.errors import ValidationFailed
from ledger.paging import cursor_of, place_of
from ledger.search import Words, tsquery
from ledger.tasks import sql
from ledger.tasks.rows import task_of

_LIST = f"SELECT {sql.task_columns('task')} FROM task WHERE "  # noqa: S608
_FOUND = "id IN (SELECT task_id FROM task_words WHERE words @@ {})"
_COLUMNS = {TaskSort.UPDATED: "updated_at", TaskSort.PRIORITY: "priority", TaskSort.DUE: "due_at"}
_LAST_FIRST = {TaskSort.DUE: SortOrder.ASC}
_EQUALS = ("project_id", "assigned_to", "origin", "number", "parent_id")

Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Rank = Annotated[int, Meta(ge=0, le=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQuery:
    """Which tasks; what is None does not restrict."""

    status: Sequence[TaskStatus] = ()
    priority: Sequence[Priority] = ()
    project_id: str | None = None
    assigned_to: str | None = None
    origin: str | None = None
    number: int | None = None
    parent_id: str | None = None
    updated_since: datetime | None = None
    due_before: datetime | None = None
    q: str | None = None
    sort: TaskSort = TaskSort.CREATED
    order: SortOrder | None = None
    limit: int = 50
    cursor: str | None = None

    @property
    def descends(self) -> bool:
        """Whether the greatest comes first; a list by due date begins with the next one."""
        return (self.order or _LAST_FIRST.get(self.sort, SortOrder.DESC)) is SortOrder.DESC


class _Conditions:
    """Conditions joined by AND, and their values by number."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: list[Any] = []

    def add(self, template: str, *values: Any) -> None:
        """A condition with `{}` for each value."""
        places = range(len(self.values) + 1, len(self.values) + len(values) + 1)
        self.parts.append(template.format(*(f"${place}" for place in places)))
        self.values += values


def _wanted(query: TaskQuery) -> _Conditions:
    found = _Conditions()
    if query.status:
        found.add("status = ANY({})", list(query.status))
    if query.priority:
        found.add("priority = ANY({})", [sql.RANKS.index(word) + 1 for word in query.priority])
    if query.q:
        words = Words.of(query.q)
        found.add(_FOUND.format(tsquery("{}", "{}", "{}")), words.dictionary, words.web, words.beginning)
    if query.updated_since is not None:
        found.add("updated_at >= {}", query.updated_since)
    if query.due_before is not None:
        found.add("due_at < {}", query.due_before)
    for column in _EQUALS:
        if getattr(query, column) is not None:
            found.add(f"{column} = {{}}", getattr(query, column))
    return found


async def list_tasks(db: LedgerEngine, query: TaskQuery) -> Page[Task]:
    """A page of tasks.

    Raises:
        ValidationFailed: the cursor was made for another order, or not here.
    """
    rows = await _by_number(db, query) if query.sort is TaskSort.CREATED else await _by_column(db, query)
    kept = rows[: query.limit]
    more = len(rows) > query.limit
    return Page(items=[task_of(row) for row in kept], next=_cursor(query, kept[-1]) if more else None)


def _cursor(query: TaskQuery, last: Row) -> str:
    column = _COLUMNS.get(query.sort)
    value = None if column is None else last[column]
    return cursor_of((query.sort, query.descends, value, last["number"]))


def _place(query: TaskQuery) -> tuple[Any, int] | None:
    """The value and the number that the page before ended with."""
    if query.cursor is None:
        return None
    kinds = {TaskSort.CREATED: None, TaskSort.PRIORITY: Rank}
    kind = kinds.get(query.sort, datetime | None)
    sort, descends, value, number = place_of(query.cursor, tuple[TaskSort, bool, kind, Number])  # type: ignore[valid-type]
    if (sort, descends) != (query.sort, query.descends):
        raise ValidationFailed("cursor: it was made for another sort or order")
    return value, number


async def _by_number(db: LedgerEngine, query: TaskQuery) -> Sequence[Row]:
    conditions = _wanted(query)
    place = _place(query)
    if place is not None:
        conditions.add(f"number {'<' if query.descends else '>'} {{}}", place[1])
    return await _rows(db, query, conditions, "number", query.limit + 1)


async def _by_column(db: LedgerEngine, query: TaskQuery) -> Sequence[Row]:
    """First those that have a value in the column, then, if it may be empty, those without."""
    column = _COLUMNS[query.sort]
    place = _place(query)
    rows: list[Row] = []
    if place is None or place[0] is not None:
        conditions = _wanted(query)
        conditions.parts.append(f"{column} IS NOT NULL")
        if place is not None:
            conditions.add(f"({column}, number) {'<' if query.descends else '>'} ({{}}, {{}})", *place)
        rows += await _rows(db, query, conditions, column, query.limit + 1)
    missing = query.limit + 1 - len(rows)
    if query.sort is TaskSort.DUE and missing > 0 and query.due_before is None:
        conditions = _wanted(query)
        conditions.parts.append("due_at IS NULL")
        if place is not None and place[0] is None:
            conditions.add(f"number {'<' if query.descends else '>'} {{}}", place[1])
        rows += await _rows(db, query, conditions, "number", missing)
    return rows


async def _rows(
    db: LedgerEngine, query: TaskQuery, conditions: _Conditions, column: str, limit: int
) -> Sequence[Row]:
    direction = "DESC" if query.descends else "ASC"
    order = f"{column} {direction}" + ("" if column == "number" else f", number {direction}")
    where = " AND ".join(conditions.parts) or "true"
    return await db.rows(f"{_LIST}{where} ORDER BY {order} LIMIT {limit}", *conditions.values)
