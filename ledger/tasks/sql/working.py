# ruff: noqa: S608 - put together from constants of this package and of the state table only
"""A worker's writes: $1 task, $2 epoch, $3 key or NULL, $4 traceparent.

Each begins with `held`, the lease that its epoch names: no lease, no row, no write. NULL as the key lets
an administrator write in a worker's place.
"""

from ledger.once import Command
from ledger.tasks.sql.parts import (
    BLOCKED,
    CANCELLED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    LET_GO,
    NOW,
    PENDING,
    TOUCHED,
    of_gate,
    of_task,
    task_columns,
    tell,
)
from ledger.tasks.states import Action, target

_HELD = """held AS (
    SELECT task_id, epoch, agent FROM task_lease
    WHERE task_id = $1 AND epoch = $2 AND ($3::uuid IS NULL OR key_id = $3::uuid) FOR UPDATE
)"""
STILL = f"""t.id = held.task_id AND t.claim_epoch = held.epoch
    AND COALESCE(t.status, '') = {IN_PROGRESS}"""
"""COALESCE hides the status from its index: through that, every running task would be read to find one."""


def ended(outcome: str, error: str = "NULL") -> str:
    """The lease goes, the attempt gets its outcome; a worker that was asked to stop has cancelled.

    As an array, the ids are looked up one by one. As a join they were not, once the table was analysed while
    nobody worked: for what seemed no leases at all, each task of a batch was held against every lease.
    """
    return f"""gone AS (
    DELETE FROM task_lease WHERE task_id = ANY (ARRAY(SELECT id FROM moved))
), ended AS (
    UPDATE task_attempt a SET ended_at = {NOW}, error = {error},
        outcome = CASE moved.status WHEN {CANCELLED} THEN 'cancelled' ELSE {outcome} END
    FROM moved WHERE a.task_id = moved.id AND a.epoch = moved.claim_epoch
)"""


def _unless_cancelled(status: str) -> str:
    """A task that nobody wants any more does not wait for another worker."""
    return f"CASE WHEN t.cancel_requested THEN {CANCELLED} ELSE {status} END"


HEARTBEAT = Command(
    f"""renewed AS (
    UPDATE task_lease SET expires_at = {NOW} + make_interval(secs => $5)
    WHERE task_id = $1 AND epoch = $2 AND ($3::uuid IS NULL OR key_id = $3::uuid)
    RETURNING task_id, epoch, agent, expires_at
), moved AS (
    UPDATE task t SET updated_at = {NOW}, progress = COALESCE($6, t.progress),
        progress_note = COALESCE($7, t.progress_note)
    FROM renewed held WHERE {STILL} AND ($6::float8 IS NOT NULL OR $7::text IS NOT NULL)
    RETURNING t.*
), told AS ({
        tell(
            of_task(
                "'task.progress'",
                "moved.updated_by",
                "$4",
                extra="'progress', moved.progress, 'note', moved.progress_note",
            )
        )
    })""",
    """SELECT renewed.expires_at AS lease_expires_at, t.cancel_requested,
    EXISTS (SELECT 1 FROM claim_stop WHERE scope = 'system') AS paused
FROM renewed JOIN task t ON t.id = renewed.task_id""",
)

COMPLETE = Command(
    f"""{_HELD}, moved AS (
    UPDATE task t SET {TOUCHED}, updated_by = held.agent, status = {COMPLETED}, result = $5, error = NULL,
        progress = 1, finished_at = {NOW}, cancel_requested = false
    FROM held WHERE {STILL} RETURNING t.*
), {ended("'completed'")},
told AS ({
        tell(
            of_task(
                "'task.completed'",
                "moved.updated_by",
                "$4",
                extra="'result', moved.result",
            )
        )
    })""",
    f"""SELECT {task_columns("moved")} FROM moved""",
)


ASKED = """asked AS (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::jsonb[]) AS u (task_id, epoch, result)
)"""
ASKED_ONE = "asked AS (SELECT $1::uuid AS task_id, $2::int AS epoch, $3::jsonb AS result)"
_TOLD = """t.id, t.number, t.title, t.status, t.priority, t.version, t.origin, t.assigned_to, t.project_id,
        t.updated_by, t.result, t.claim_epoch"""
"""What the steps behind it read: whole rows would be copied, with all their columns."""
FINISH = f"""held AS (
    SELECT l.task_id, l.epoch, l.agent, a.result FROM (SELECT * FROM asked ORDER BY task_id) a, LATERAL (
        SELECT * FROM task_lease WHERE task_id = a.task_id AND epoch = a.epoch
            AND ($4::uuid IS NULL OR key_id = $4::uuid) FOR UPDATE) l
), moved AS (
    UPDATE task t SET {TOUCHED}, updated_by = held.agent, status = {COMPLETED}, result = held.result,
        error = NULL, progress = 1, finished_at = {NOW}, cancel_requested = false
    FROM held WHERE {STILL}
    RETURNING {_TOLD}
), {ended("'completed'")}"""
FINISHED = of_task("'task.completed'", "moved.updated_by", "$5", extra="'result', moved.result")
# NOT IN, since its list becomes a hash table whatever the planner expects. A join with so few tasks as it
# expects would hold each against every other.
HANDED_IN = """handed_in AS (
    SELECT json_build_object('ids', done.ids, 'versions', done.versions, 'refused', (
        SELECT json_agg(r) FROM (
            SELECT asked.task_id, asked.epoch, t.number, t.claim_epoch, t.status, t.version,
                EXISTS (SELECT 1 FROM task_lease l
                    WHERE l.task_id = asked.task_id AND l.epoch = asked.epoch OFFSET 0) AS anothers
            FROM asked LEFT JOIN LATERAL (SELECT * FROM task WHERE task.id = asked.task_id LIMIT 1) t ON true
            WHERE asked.task_id NOT IN (SELECT id FROM moved)) r)) AS was
    FROM (SELECT array_agg(id) AS ids, array_agg(version) AS versions FROM moved) done
)"""
"""What became of all that was handed in, as one value: `ledger.tasks.outcomes` reads it."""
COMPLETE_BATCH = Command(
    f"{ASKED}, {FINISH}, told AS ({tell(FINISHED)}), {HANDED_IN}",
    "SELECT was FROM handed_in",
    memory="SELECT json_build_array(json_build_object('was', was)) AS rows FROM handed_in",
)
"""$1 tasks, $2 epochs, $3 results, $4 key or NULL, $5 traceparent; one row."""


def setback(error: str, retryable: str, base_s: str) -> str:
    """What a failed attempt does to its task: again later, or the end."""
    again = f"({retryable} AND t.failures + 1 < t.max_attempts)"
    return f"""{TOUCHED}, updated_by = held.agent, error = {error}, failures = t.failures + 1,
        status = {_unless_cancelled(f"CASE WHEN {again} THEN {PENDING} ELSE {FAILED} END")},
        assigned_to = CASE WHEN {again} AND NOT t.cancel_requested THEN NULL ELSE t.assigned_to END,
        progress = NULL, progress_note = NULL,
        run_after = CASE WHEN {again} THEN {NOW} + make_interval(
            secs => LEAST(3600, {base_s} * 2 ^ LEAST(t.failures, 20))) ELSE t.run_after END,
        finished_at = CASE WHEN {again} AND NOT t.cancel_requested THEN NULL ELSE {NOW} END"""


SETBACK_EVENT = f"""CASE moved.status WHEN {PENDING} THEN 'task.retried' WHEN {FAILED} THEN 'task.failed'
    ELSE 'task.cancelled' END"""

FAIL = Command(
    f"""{_HELD}, moved AS (
    UPDATE task t SET {setback("$5", "$6", "$7::float8")} FROM held WHERE {STILL} RETURNING t.*
), {ended("'failed'", "$5")},
told AS ({
        tell(
            of_task(
                SETBACK_EVENT,
                "moved.updated_by",
                "$4",
                extra="'error', moved.error, 'run_after', moved.run_after",
            )
        )
    })""",
    f"""SELECT {task_columns("moved")} FROM moved""",
)

BLOCK = Command(
    f"""{_HELD}, moved AS (
    UPDATE task t SET {TOUCHED}, updated_by = held.agent, status = {_unless_cancelled(BLOCKED)},
        blocked_reason = $5, {LET_GO},
        finished_at = CASE WHEN t.cancel_requested THEN {NOW} ELSE NULL END
    FROM held WHERE {STILL} RETURNING t.*
), {ended("'blocked'")},
opened AS (
    INSERT INTO gate (task_id, kind, question, options, created_at, expires_at)
    SELECT id, $6, $5, $7, {NOW}, {NOW} + make_interval(secs => $8) FROM moved WHERE status = {BLOCKED}
    RETURNING *
), told AS ({
        tell(
            of_task(
                f"CASE moved.status WHEN {BLOCKED} THEN 'task.blocked' ELSE 'task.cancelled' END",
                "moved.updated_by",
                "$4",
                extra="'gate_id', (SELECT id FROM opened), 'question', $5::text, "
                "'options', to_jsonb($7::text[])",
            ),
            of_gate("gate.opened", "opened", "moved.updated_by", "$4"),
        )
    })""",
    f"""SELECT {task_columns("moved")} FROM moved""",
)

RELEASE = Command(
    f"""{_HELD}, moved AS (
    UPDATE task t SET {TOUCHED}, updated_by = held.agent,
        status = {_unless_cancelled(f"'{target(Action.RELEASE)}'")}, {LET_GO},
        finished_at = CASE WHEN t.cancel_requested THEN {NOW} ELSE NULL END
    FROM held WHERE {STILL} RETURNING t.*
), {ended("'released'")},
waits AS (
    INSERT INTO task_dependency (task_id, depends_on)
    SELECT moved.id, part.id FROM moved JOIN task part ON part.parent_id = moved.id
    WHERE part.id = ANY($6::uuid[]) AND NOT EXISTS (
        SELECT 1 FROM task_dependency d WHERE d.task_id = moved.id AND d.depends_on = part.id)
), told AS ({
        tell(
            of_task(
                f"CASE moved.status WHEN {CANCELLED} THEN 'task.cancelled' ELSE 'task.released' END",
                "moved.updated_by",
                "$4",
                extra="'reason', $5::text",
            )
        )
    })""",
    f"""SELECT {task_columns("moved")} FROM moved""",
)

STOP = Command(
    f"""{_HELD}, moved AS (
    UPDATE task t SET {TOUCHED}, updated_by = held.agent, status = {CANCELLED}, finished_at = {NOW}
    FROM held WHERE {STILL} AND t.cancel_requested RETURNING t.*
), {ended("'cancelled'")},
told AS ({tell(of_task("'task.cancelled'", "moved.updated_by", "$4", extra="'reason', $5::text"))})""",
    f"""SELECT {task_columns("moved")} FROM moved""",
)

RENEW_ALL = f"""
WITH asked AS (
    SELECT u.task_id, u.epoch FROM unnest($1::uuid[], $2::int[]) AS u (task_id, epoch)
), held AS (
    SELECT l.task_id FROM task_lease l JOIN asked USING (task_id, epoch)
    WHERE l.agent = $3 AND ($4::uuid IS NULL OR l.key_id = $4::uuid)
    ORDER BY l.task_id FOR UPDATE OF l
), renewed AS (
    UPDATE task_lease l SET expires_at = {NOW} + make_interval(secs => $5)
    FROM held WHERE l.task_id = held.task_id RETURNING l.task_id
)
SELECT asked.task_id, renewed.task_id IS NOT NULL AS renewed,
    renewed.task_id IS NOT NULL AND COALESCE(t.cancel_requested, false) AS cancel
FROM asked LEFT JOIN renewed USING (task_id) LEFT JOIN task t ON t.id = asked.task_id
"""
