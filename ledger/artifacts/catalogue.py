"""What is known of artifacts, and who may add one."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentops.wire import Artifact, Page, Scope
from ledger import tables
from ledger.artifacts.store import Stored
from ledger.caller import Caller
from ledger.engine import LedgerEngine
from ledger.errors import ArtifactNotFound, Forbidden, ValidationFailed
from ledger.tasks.claims import lost
from ledger.tasks.queries import get_task
from ledger.tasks.rows import struct_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArtifact:
    """An artifact about to be uploaded."""

    id: str
    name: str
    media_type: str
    kind: str
    task_id: str | None = None
    epoch: int | None = None


_ADD = """
WITH held AS (
    SELECT task_id, agent FROM task_lease
    WHERE task_id = $2 AND epoch = $3 AND ($4::uuid IS NULL OR key_id = $4::uuid) FOR UPDATE
), added AS (
    INSERT INTO artifact (id, task_id, name, media_type, size_bytes, sha256, kind, created_by)
    SELECT $1, $2, $5, $6, $7, $8, $9, COALESCE((SELECT agent FROM held), $10)
    WHERE $3::int IS NULL OR EXISTS (SELECT 1 FROM held)
    RETURNING *
), input AS (
    INSERT INTO task_input (task_id, artifact_id, position)
    SELECT task_id, id, (SELECT count(*) FROM task_input i WHERE i.task_id = added.task_id)
    FROM added WHERE kind = 'input' AND task_id IS NOT NULL
), told AS (
    INSERT INTO event (type, entity_type, entity_id, task_id, project_id, actor, payload, traceparent, at)
    SELECT 'artifact.created', 'artifact', added.id::text, added.task_id, t.project_id, added.created_by,
        jsonb_build_object('name', added.name, 'media_type', added.media_type,
            'size_bytes', added.size_bytes, 'sha256', added.sha256, 'kind', added.kind),
        $11, statement_timestamp()
    FROM added LEFT JOIN task t ON t.id = added.task_id
)
SELECT * FROM added
"""


async def allow(caller: Caller, new: NewArtifact) -> None:
    """Refuses an upload before its bytes are taken.

    Raises:
        Forbidden: only administrators add inputs; a worker adds outputs and records to what it holds.
        TaskNotFound: there is no such task.
        ValidationFailed: an output or a record belongs to a task.
    """
    if new.kind != "input" and new.task_id is None:
        raise ValidationFailed("task_id: an output or a record belongs to a task")
    if new.task_id is not None:
        await get_task(caller.db, new.task_id)
    caller.need(*((Scope.AGENT,) if new.kind != "input" else ()))
    if caller.scope is Scope.AGENT and new.epoch is None:
        raise Forbidden("epoch: a worker adds outputs to a task that it holds; say with which epoch")
    if new.task_id is not None and new.epoch is not None:
        held = await caller.db.row(
            "SELECT 1 FROM task_lease WHERE task_id = $1 AND epoch = $2 "
            "AND ($3::uuid IS NULL OR key_id = $3::uuid)",
            new.task_id,
            new.epoch,
            caller.held_by,
        )
        if held is None:
            raise await lost(caller, new.task_id, new.epoch)


async def add(caller: Caller, new: NewArtifact, stored: Stored) -> Artifact:
    """Writes down what was uploaded, if the epoch still holds the task.

    Raises:
        StaleClaim: it does not.
    """
    row = await caller.db.row(
        _ADD,
        new.id,
        new.task_id,
        new.epoch if new.task_id else None,
        caller.held_by,
        new.name,
        new.media_type,
        stored.size_bytes,
        stored.sha256,
        new.kind,
        caller.name,
        caller.traceparent,
    )
    if row is None:
        raise await lost(caller, new.task_id or "", new.epoch or 0)
    caller.announce("artifact.created", new.id)
    return struct_of(Artifact, row)


async def get_artifact(db: LedgerEngine, artifact_id: str) -> Artifact:
    """One artifact.

    Raises:
        ArtifactNotFound: there is none with this id.
    """
    found = await by_ids(db, [artifact_id])
    if not found:
        raise ArtifactNotFound(f"no artifact has the id {artifact_id}")
    return found[0]


async def by_ids(db: LedgerEngine, ids: Sequence[str]) -> list[Artifact]:
    """Those that exist, in any order."""
    if not ids:
        return []
    rows = await db.select(tables.Artifact.select().where(tables.Artifact.id.is_in(list(ids))))
    return [struct_of(Artifact, row) for row in rows]


_OF_TASK = """
SELECT a.* FROM artifact a LEFT JOIN task_input i ON i.artifact_id = a.id AND i.task_id = $1
WHERE a.task_id = $1 OR i.task_id = $1 ORDER BY a.kind, i.position, a.created_at, a.id
"""


async def of_task(db: LedgerEngine, task_id: str) -> Page[Artifact]:
    """Inputs first, then outputs, each in the order of their making."""
    await get_task(db, task_id)
    return Page(items=[struct_of(Artifact, row) for row in await db.rows(_OF_TASK, task_id)])


async def newest(db: LedgerEngine, limit: int) -> Page[Artifact]:
    """The newest artifacts of all tasks."""
    table = tables.Artifact
    rows = await db.select(table.select().order_by(table.created_at, ascending=False).limit(limit))
    return Page(items=[struct_of(Artifact, row) for row in rows])
