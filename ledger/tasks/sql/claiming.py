# ruff: noqa: S608 - put together from constants of this package and of the state table only
"""Taking tasks: one, or the next that are ready."""

from ledger.once import FRESH, Command
from ledger.tasks.sql.parts import (
    CANCELLED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    NOW,
    PENDING,
    TOUCHED,
    of_task,
    task_columns,
    tell,
)

# A whole goes on when its parts have ended, whichever way: its worker sees to what is missing.
_UNMET = f"""EXISTS (SELECT 1 FROM task_dependency d JOIN task n ON n.id = d.depends_on
        WHERE d.task_id = t.id AND n.status <> {COMPLETED}
            AND NOT (n.parent_id IS NOT DISTINCT FROM t.id AND n.status IN ({FAILED}, {CANCELLED})))"""
READY = f"(t.run_after IS NULL OR t.run_after <= {NOW}) AND NOT {_UNMET}"
"""Nothing but a worker is missing, of a pending task named `t`."""

UNSTOPPED = f"""(NOT EXISTS (SELECT 1 FROM claim_stop) OR NOT EXISTS (
        SELECT 1 FROM claim_stop s WHERE (s.until IS NULL OR s.until > {NOW}) AND (
            s.scope IN ('system', 'all') OR (s.scope = 'agent' AND s.scope_id = $1)
            OR (s.scope = 'project' AND s.scope_id = t.project_id::text)
            OR (s.scope = 'task' AND s.scope_id = t.id::text))))"""
"""Neither is everything paused, nor is a budget spent that covers the task `t` or the agent $1.

The first half is asked once a statement, and nearly always answers for all tasks: nothing is stopped.
"""

_CLAIMED = f"""{TOUCHED}, status = {IN_PROGRESS}, claim_epoch = t.claim_epoch + 1, attempt = t.attempt + 1,
        assigned_to = $1, updated_by = $1, started_at = {NOW}, cancel_requested = false,
        blocked_reason = NULL, progress = NULL, progress_note = NULL"""

_ARTIFACT = """jsonb_build_object('id', a.id, 'task_id', a.task_id, 'name', a.name, 'media_type',
        a.media_type, 'size_bytes', a.size_bytes, 'sha256', a.sha256, 'kind', a.kind,
        'created_by', a.created_by, 'created_at', a.created_at)"""

_EPOCH = "jsonb_build_object('epoch', moved.claim_epoch)"
_LEASED = f"""lease AS (
    INSERT INTO task_lease (task_id, epoch, agent, key_id, expires_at)
    SELECT id, claim_epoch, $1, $2, {NOW} + make_interval(secs => $3) FROM moved
), began AS (
    INSERT INTO task_attempt (task_id, epoch, agent, started_at)
    SELECT id, claim_epoch, $1, {NOW} FROM moved
), told AS ({tell(of_task("'task.claimed'", "$1", "$4", extra=_EPOCH))})"""
_CLAIMS = f"""SELECT {task_columns("moved")}, {NOW} + make_interval(secs => $3) AS expires_at,
    (SELECT jsonb_agg({_ARTIFACT} ORDER BY i.position) FROM task_input i
        JOIN artifact a ON a.id = i.artifact_id WHERE i.task_id = moved.id) AS inputs,
    (SELECT jsonb_agg(to_jsonb(g) ORDER BY g.answered_at) FROM gate g
        WHERE g.task_id = moved.id AND g.status = 'answered') AS answers
FROM moved
ORDER BY moved.priority DESC, moved.created_at, moved.number"""

CLAIM = Command(
    f"""moved AS (
    UPDATE task t SET {_CLAIMED}
    WHERE t.id = $5 AND t.version = $6 AND t.status = {PENDING} AND {READY} AND {UNSTOPPED}
    RETURNING t.*
), {_LEASED}""",
    _CLAIMS,
)

# The second part asks for no status again: `picked` holds the rows, and through the index on the status
# every waiting task would be read to find them.
CLAIM_NEXT = Command(
    f"""picked AS (
    SELECT t.id FROM task t
    WHERE t.status = {PENDING} AND {READY} AND t.capabilities <@ $5::text[]
        AND (NOT $7::bool OR cardinality(t.capabilities) > 0) AND {UNSTOPPED} AND {FRESH}
    ORDER BY t.priority DESC, t.created_at, t.number LIMIT $6
    FOR UPDATE OF t SKIP LOCKED
), moved AS (
    UPDATE task t SET {_CLAIMED} FROM picked WHERE t.id = picked.id
    RETURNING t.*
), {_LEASED}""",
    _CLAIMS,
)
