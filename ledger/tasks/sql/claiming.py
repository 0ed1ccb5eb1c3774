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

# OFFSET 0 has each task's own looked up; as a join, a plan may first read the dependencies of all.
# A whole goes on when its parts have ended, whichever way: its worker sees to what is missing.
_UNMET = f"""EXISTS (SELECT 1 FROM task_dependency d JOIN task n ON n.id = d.depends_on
        WHERE d.task_id = t.id AND n.status <> {COMPLETED}
            AND NOT (n.parent_id IS NOT DISTINCT FROM t.id AND n.status IN ({FAILED}, {CANCELLED}))
        OFFSET 0)"""
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

CLAIMED = of_task("'task.claimed'", "$1", "$4", extra="'epoch', taken.claim_epoch", source="taken")
_LEASED = f"""lease AS (
    INSERT INTO task_lease (task_id, epoch, agent, key_id, expires_at)
    SELECT id, claim_epoch, $1, $2, {NOW} + make_interval(secs => $3) FROM taken
), began AS (
    INSERT INTO task_attempt (task_id, epoch, agent, started_at)
    SELECT id, claim_epoch, $1, {NOW} FROM taken
)"""


def _given(source: str, expires_at: str) -> str:
    """What `ledger.tasks.rows.claim_of` reads, of a task row named `source`.

    Most tasks have no inputs, and to gather and sort none of them takes longer than to ask whether there
    are some. Gates are opened by those who hold the task: before the second claim there are none.
    """
    return f"""{task_columns(source)}, {expires_at} AS expires_at,
    CASE WHEN EXISTS (SELECT 1 FROM task_input i WHERE i.task_id = {source}.id OFFSET 0) THEN
        (SELECT jsonb_agg({_ARTIFACT} ORDER BY i.position) FROM task_input i
            JOIN artifact a ON a.id = i.artifact_id WHERE i.task_id = {source}.id) END AS inputs,
    CASE WHEN {source}.claim_epoch > 1 THEN
        (SELECT jsonb_agg(to_jsonb(g) ORDER BY g.answered_at) FROM gate g
            WHERE g.task_id = {source}.id AND g.status = 'answered') END AS answers"""


_LEASE_END = f"{NOW} + make_interval(secs => $3)"
_IN_ORDER = "ORDER BY taken.priority DESC, taken.created_at, taken.number"
CLAIMS = f"""SELECT {_given("taken", _LEASE_END)} FROM taken {_IN_ORDER}"""
NO_CLAIM = """(NULL::task).*, NULL::uuid[] AS depends_on, NULL::timestamptz AS expires_at,
    NULL::jsonb AS inputs, NULL::jsonb AS answers"""
"""A row of CLAIMS that holds none, for a statement that also tells of something else."""

KEPT = f"""'ids', array_agg(taken.id {_IN_ORDER}), 'epochs', array_agg(taken.claim_epoch {_IN_ORDER}),
    'expires_at', {_LEASE_END}"""
"""Of claims, by their idempotency key: the tasks themselves are where they were."""
_MEMORY = f"SELECT json_build_array(json_build_object({KEPT})) AS rows FROM taken HAVING count(*) > 0"
CLAIMED_BEFORE = f"""SELECT {_given("t", "k.expires_at")}, k.epoch
FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) WITH ORDINALITY AS k (id, epoch, expires_at, n)
JOIN task t ON t.id = k.id ORDER BY k.n"""
"""$1 tasks, $2 epochs and $3 ends of leases, as they were kept."""

CLAIM = Command(
    f"""taken AS (
    UPDATE task t SET {_CLAIMED}
    WHERE t.id = $5 AND t.version = $6 AND t.status = {PENDING} AND {READY} AND {UNSTOPPED}
    RETURNING t.*
), {_LEASED}, told AS ({tell(CLAIMED)})""",
    CLAIMS,
    memory=_MEMORY,
)

# The second part asks for no status again: `picked` holds the rows, and through the index on the status
# every waiting task would be read to find them.
TAKE = f"""picked AS (
    SELECT t.id FROM task t
    WHERE t.status = {PENDING} AND {READY} AND t.capabilities <@ $5::text[]
        AND (NOT $7::bool OR cardinality(t.capabilities) > 0) AND {UNSTOPPED} AND {FRESH}
    ORDER BY t.priority DESC, t.created_at, t.number LIMIT $6
    FOR UPDATE OF t SKIP LOCKED
), taken AS (
    UPDATE task t SET {_CLAIMED} FROM picked WHERE t.id = picked.id
    RETURNING t.*
), {_LEASED}"""
CLAIM_NEXT = Command(f"{TAKE}, told AS ({tell(CLAIMED)})", CLAIMS, memory=_MEMORY)
