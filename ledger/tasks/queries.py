"""Reading tasks, their attempts and their gates."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agentops.wire import Attempt, Gate, Page, Priority, Stats, Task, TaskStatus
from ledger import tables
from ledger.engine import LedgerEngine
from ledger.errors import GateNotFound, TaskNotFound, ValidationFailed
from ledger.tasks import sql
from ledger.tasks.rows import attempt_of, gate_of, task_of

_GET = f"SELECT {sql.task_columns('task')} FROM task WHERE id = $1"  # noqa: S608
_LIST = f"SELECT {sql.task_columns('task')} FROM task"  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQuery:
    """Which tasks; what is None does not restrict."""

    status: Sequence[TaskStatus] = ()
    priority: Sequence[Priority] = ()
    project_id: str | None = None
    assigned_to: str | None = None
    origin: str | None = None
    number: int | None = None
    q: str | None = None
    limit: int = 50
    cursor: str | None = None

    def conditions(self) -> tuple[list[str], list[Any]]:
        """SQL conditions with `$n`, and their values."""
        wanted: list[tuple[str, Any]] = []
        if self.status:
            wanted.append(("status = ANY(${})", list(self.status)))
        if self.priority:
            wanted.append(("priority = ANY(${})", [sql.RANKS.index(word) + 1 for word in self.priority]))
        if self.q:
            pattern = "%" + _escape_like(self.q) + "%"
            wanted.append(("(title ILIKE ${0} OR description ILIKE ${0})", pattern))
        if self.cursor is not None:
            wanted.append(("number < ${}", number_behind(self.cursor)))
        for column in ("project_id", "assigned_to", "origin", "number"):
            if getattr(self, column) is not None:
                wanted.append((f"{column} = ${{}}", getattr(self, column)))
        conditions = [text.format(place) for place, (text, _) in enumerate(wanted, start=1)]
        return conditions, [value for _, value in wanted]


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def get_task(db: LedgerEngine, task_id: str) -> Task:
    """One task.

    Raises:
        TaskNotFound: there is none with this id.
    """
    row = await db.row(_GET, task_id)
    if row is None:
        raise TaskNotFound(f"no task has the id {task_id}")
    return task_of(row)


async def list_tasks(db: LedgerEngine, query: TaskQuery) -> Page[Task]:
    """A page of tasks, newest first."""
    conditions, values = query.conditions()
    where = " WHERE " + " AND ".join(conditions) if conditions else ""
    tail = f"{where} ORDER BY number DESC LIMIT {query.limit + 1}"
    rows = await db.rows(_LIST + tail, *values)
    tasks = [task_of(row) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    return Page(items=tasks, next=cursor_behind(tasks[-1].number) if more else None)


def cursor_behind(number: int) -> str:
    """Opaque to clients, so that the order may become another one."""
    return base64.urlsafe_b64encode(f"n{number}".encode()).decode().rstrip("=")


def number_behind(cursor: str) -> int:
    """The reverse of `cursor_behind`.

    Raises:
        ValidationFailed: the cursor was not made here.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        number = int(text[1:]) if text.startswith("n") and text[1:].isdecimal() else -1
    except ValueError:
        number = -1
    if not 0 <= number < 2**63:
        raise ValidationFailed("cursor: take it from `next` of the page before")
    return number


async def list_attempts(db: LedgerEngine, task_id: str) -> list[Attempt]:
    """Every claim of a task, oldest first."""
    await get_task(db, task_id)
    attempt = tables.TaskAttempt
    query = attempt.select().where(attempt.task_id == task_id).order_by(attempt.epoch)
    return [attempt_of(row) for row in await db.select(query)]


async def get_gate(db: LedgerEngine, gate_id: str) -> Gate:
    """One gate.

    Raises:
        GateNotFound: there is none with this id.
    """
    rows = await db.select(tables.Gate.select().where(tables.Gate.id == gate_id))
    if not rows:
        raise GateNotFound(f"no gate has the id {gate_id}")
    return gate_of(rows[0])


async def list_gates(db: LedgerEngine, *, status: str | None, task_id: str | None, limit: int) -> list[Gate]:
    """Gates, oldest first."""
    gate = tables.Gate
    query = gate.select().order_by(gate.created_at).limit(limit)
    if status is not None:
        query = query.where(gate.status == status)
    if task_id is not None:
        query = query.where(gate.task_id == task_id)
    return [gate_of(row) for row in await db.select(query)]


_STATS = f"""SELECT
    (SELECT jsonb_object_agg(status, n) FROM
        (SELECT status, count(*) AS n FROM task GROUP BY status) s) AS tasks,
    (SELECT count(*) FROM agent WHERE status = 'online') AS agents_online,
    (SELECT count(*) FROM gate WHERE status = 'open') AS gates_open,
    (SELECT extract(epoch FROM {sql.NOW} - min(GREATEST(created_at, run_after)))::float8 FROM task
        WHERE status = {sql.PENDING} AND (run_after IS NULL OR run_after <= {sql.NOW})) AS oldest_pending_s
"""  # noqa: S608


async def stats(db: LedgerEngine) -> Stats:
    """How many tasks stand where, and how long the oldest waits."""
    row = await db.row(_STATS)
    if row is None:
        raise LookupError("an aggregate without a row")
    return Stats(
        tasks=dict.fromkeys(map(str, TaskStatus), 0) | (row["tasks"] or {}),
        agents_online=row["agents_online"],
        gates_open=row["gates_open"],
        oldest_pending_s=row["oldest_pending_s"],
    )
