"""Reading tasks, their attempts and their gates."""

from agentops.wire import Attempt, Gate, Stats, Task, TaskStatus
from ledger import tables
from ledger.engine import LedgerEngine
from ledger.errors import GateNotFound, TaskNotFound
from ledger.tasks import sql
from ledger.tasks.rows import attempt_of, gate_of, task_of

_GET = f"SELECT {sql.task_columns('task')} FROM task WHERE id = $1"  # noqa: S608


async def get_task(db: LedgerEngine, task_id: str) -> Task:
    """One task.

    Raises:
        TaskNotFound: there is none with this id.
    """
    row = await db.row(_GET, task_id)
    if row is None:
        raise TaskNotFound(f"no task has the id {task_id}")
    return task_of(row)


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
