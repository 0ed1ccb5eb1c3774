"""What a list of tasks shows: the page's address, the question to the ledger, and its answer."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from agentops import AgentOpsClient
from agentops.errors import ValidationFailed
from agentops.wire import Event, Priority, ProjectId, TaskSort, TaskStatus
from ui.lines import Line, lines_of, told
from ui.reading import Applied

PAGE = 50
COLUMN = 15
COLUMNS = (
    TaskStatus.PENDING,
    TaskStatus.IN_PROGRESS,
    TaskStatus.BLOCKED,
    TaskStatus.COMPLETED,
    TaskStatus.FAILED,
)


@dataclass(frozen=True)
class Query:
    """Which tasks, in which order, from where on."""

    status: TaskStatus | None = None
    words: str = ""
    project: str = ""
    priority: Priority | None = None
    sort: TaskSort = TaskSort.CREATED
    cursor: str = ""
    """The ledger's place in the list; empty: the beginning."""
    board: bool = False
    """As columns by status."""

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> "Query":
        """The choice that an address names; what cannot be understood is left out."""
        status, priority, sort = (sent.get(name, "") for name in ("status", "priority", "sort"))
        return cls(
            status=TaskStatus(status) if status in set(TaskStatus) else None,
            words=sent.get("q", "")[:200].strip(),
            project=sent.get("project", "")[:100],
            priority=Priority(priority) if priority in set(Priority) else None,
            sort=TaskSort(sort) if sort in set(TaskSort) else TaskSort.CREATED,
            cursor=sent.get("cursor", "")[:500],
            board=sent.get("view") == "board",
        )

    @property
    def address(self) -> str:
        """The page with this choice, to keep or to send."""
        chosen = {
            "view": "board" if self.board else "",
            "status": "" if self.board or not self.status else self.status.value,
            "q": self.words,
            "project": self.project,
            "priority": self.priority.value if self.priority else "",
            "sort": "" if self.sort is TaskSort.CREATED else self.sort.value,
            "cursor": self.cursor,
        }
        kept = {name: value for name, value in chosen.items() if value}
        return "/tasks" + (f"?{urlencode(kept)}" if kept else "")

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves out any task."""
        return bool(self.status or self.words or self.project or self.priority)

    def may_hold(self, line: Line, event: Event) -> bool:
        """Whether the task of an event is among those asked for, the words left aside."""
        return (
            (self.status is None or line.status is self.status)
            and (self.priority is None or line.priority is self.priority)
            and (not self.project or event.project_id == self.project)
        )

    def touched_by(self, event: Event) -> bool:
        """Whether the answer may have changed."""
        if event.type == "task.progress":
            return self.board or self.status in {None, TaskStatus.IN_PROGRESS}
        return event.type.startswith("task.") or event.type == "project.deleted"


@dataclass(frozen=True)
class Listed:
    """One page of tasks."""

    lines: tuple[Line, ...]
    next: str | None = None


@dataclass(frozen=True)
class Columns:
    """The newest tasks of each status."""

    columns: tuple[tuple[TaskStatus, Listed], ...]


async def load_list(ops: AgentOpsClient, query: Query, limit: int = PAGE) -> Listed:
    """One page; empty when the address names what the ledger does not know."""
    try:
        page = await ops.list_tasks(
            status=(query.status,) if query.status else (),
            q=query.words or None,
            project_id=ProjectId(query.project) if query.project else None,
            priority=query.priority,
            sort=query.sort,
            limit=limit,
            cursor=query.cursor or None,
        )
    except ValidationFailed:
        return Listed(())
    return Listed(lines_of(page.items), page.next)


async def load_columns(ops: AgentOpsClient, query: Query) -> Columns:
    """The beginning of each column."""
    async with asyncio.TaskGroup() as group:
        loads = [
            (
                status,
                group.create_task(load_list(ops, _column(query, status), COLUMN)),
            )
            for status in COLUMNS
        ]
    return Columns(tuple((status, load.result()) for status, load in loads))


def moved_list(listed: Listed, query: Query, event: Event, limit: int = PAGE) -> Applied[Listed]:
    """A page after an event, as far as the event alone tells; it is sure when nobody needs to be asked."""
    known = next((line for line in listed.lines if line.id == event.task_id), None)
    line = told(event, known)
    if line is None:
        return Applied(listed, sure=known is not None)
    others = tuple(one for one in listed.lines if one is not known)
    if not query.may_hold(line, event):
        return Applied(replace(listed, lines=others), sure=True)
    if known is None and (query.words or query.cursor):
        return Applied(listed, sure=False)
    if query.sort is TaskSort.UPDATED:
        return Applied(replace(listed, lines=(line, *others)[:limit]), sure=True)
    if known is not None:
        lines = tuple(line if one is known else one for one in listed.lines)
        in_place = query.sort is TaskSort.CREATED or event.type == "task.progress"
        return Applied(replace(listed, lines=lines), sure=in_place)
    if query.sort is not TaskSort.CREATED:
        return Applied(listed, sure=False)
    return Applied(_with_new(listed, line, limit), sure=True)


def _with_new(listed: Listed, line: Line, limit: int) -> Listed:
    """In the order of numbers, the greatest first; it may belong to a later page."""
    newer = tuple(one for one in listed.lines if one.number > line.number)
    if len(newer) == len(listed.lines) and listed.next:
        return listed
    return replace(listed, lines=(*newer, line, *listed.lines[len(newer) :])[:limit])


def moved_columns(columns: Columns, query: Query, event: Event) -> Applied[Columns]:
    """A board after an event, as far as the event alone tells."""
    moved = [
        (status, moved_list(listed, _column(query, status), event, COLUMN))
        for status, listed in columns.columns
    ]
    after = Columns(tuple((status, applied.value) for status, applied in moved))
    return Applied(after, sure=all(applied.sure for _, applied in moved))


def _column(query: Query, status: TaskStatus) -> Query:
    sort = TaskSort.UPDATED if query.sort is TaskSort.CREATED else query.sort
    return replace(query, status=status, sort=sort, cursor="")
