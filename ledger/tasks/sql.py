# ruff: noqa: S608 - put together from the constants of this module and of the state table only
"""The statements that move tasks. Each is one: it changes the task, its lease, its attempt and the log.

The outbox row is written by the same statement, so that a change without its event cannot exist.
Locks are always taken in one order, so that these never deadlock: the lease before its task, the task
before its gates. A worker's statement begins with `held`, the lease that its epoch names: no lease, no
row, no write. `$n::uuid IS NULL` as the key's parameter lets an administrator write in a worker's place.
"""

from functools import cache

from agentops.wire import Priority
from ledger.tasks.states import Action, sources, target

NOW = "statement_timestamp()"
RANKS: tuple[Priority, ...] = tuple(Priority)
_PRIORITY_WORDS = "ARRAY[" + ", ".join(f"'{word}'" for word in RANKS) + "]"

# Written out rather than passed in: the partial index on pending tasks needs to see the constant.
PENDING = f"'{target(Action.TRY_AGAIN)}'"
IN_PROGRESS = f"'{target(Action.CLAIM)}'"
COMPLETED = f"'{target(Action.COMPLETE)}'"
BLOCKED = f"'{target(Action.BLOCK)}'"
FAILED = f"'{target(Action.FAIL)}'"
CANCELLED = f"'{target(Action.STOP)}'"


def _in(action: Action) -> str:
    return "(" + ", ".join(f"'{status}'" for status in sorted(sources(action))) + ")"


def task_columns(source: str) -> str:
    """What `ledger.tasks.rows.task_of` reads, of a task row named `source`."""
    return f"""{source}.*, ARRAY(SELECT d.depends_on FROM task_dependency d
        WHERE d.task_id = {source}.id ORDER BY d.id) AS depends_on"""


def _payload(source: str) -> str:
    return f"""jsonb_build_object('number', {source}.number, 'title', {source}.title,
        'status', {source}.status, 'priority', ({_PRIORITY_WORDS})[{source}.priority],
        'version', {source}.version, 'origin', {source}.origin, 'assigned_to', {source}.assigned_to)"""


def _tell(*news: str) -> str:
    """One insert for all the news of a statement, so that they are in the log in this order."""
    return f"""INSERT INTO event (type, entity_type, entity_id, task_id, project_id, actor, payload,
            traceparent, at)
        {" UNION ALL ".join(news)}"""


def _of_task(kind: str, actor: str, trace: str, *, extra: str = "") -> str:
    """An event about every task in `moved`; the arguments are SQL."""
    more = f" || {extra}" if extra else ""
    return f"""SELECT {kind}, 'task', moved.id::text, moved.id, moved.project_id, {actor},
            {_payload("moved")}{more}, {trace}, {NOW} FROM moved"""


def _of_gate(kind: str, gates: str, actor: str, trace: str) -> str:
    """An event about every gate in `gates`, whose tasks are in `moved`."""
    return f"""SELECT '{kind}', 'gate', g.id::text, g.task_id, moved.project_id, {actor},
            {_payload("moved")} || jsonb_build_object('gate_id', g.id, 'kind', g.kind,
                'question', g.question, 'options', to_jsonb(g.options), 'answer', g.answer),
            {trace}, {NOW}
        FROM {gates} g JOIN moved ON moved.id = g.task_id"""


_TOUCHED = f"version = t.version + 1, updated_at = {NOW}"
_LET_GO = "assigned_to = NULL, progress = NULL, progress_note = NULL"

# --- made and changed by hand

CREATE = f"""
WITH moved AS (
    INSERT INTO task (title, description, acceptance_criteria, priority, project_id, parent_id,
        capabilities, origin, context, estimated_hours, due_at, run_after, max_attempts,
        created_by, updated_by, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, {NOW}, {NOW})
    RETURNING *
), waits AS (
    INSERT INTO task_dependency (task_id, depends_on)
    SELECT moved.id, d.id FROM moved, unnest($16::uuid[]) WITH ORDINALITY AS d (id, n) ORDER BY d.n
), inputs AS (
    INSERT INTO task_input (task_id, artifact_id, position)
    SELECT moved.id, a.id, a.n FROM moved, unnest($17::uuid[]) WITH ORDINALITY AS a (id, n)
), adopted AS (
    UPDATE artifact SET task_id = moved.id FROM moved
    WHERE artifact.id = ANY($17::uuid[]) AND artifact.task_id IS NULL
), told AS ({_tell(_of_task("'task.created'", "$14", "$15"))})
SELECT moved.*, $16::uuid[] AS depends_on FROM moved
"""

CANCEL = f"""
WITH moved AS (
    UPDATE task t SET {_TOUCHED}, updated_by = $2,
        cancel_requested = t.status = {IN_PROGRESS},
        status = CASE t.status WHEN {IN_PROGRESS} THEN t.status ELSE {CANCELLED} END,
        finished_at = CASE t.status WHEN {IN_PROGRESS} THEN NULL ELSE {NOW} END
    WHERE t.id = $1 AND t.status IN {_in(Action.CANCEL)} AND NOT t.cancel_requested
    RETURNING t.*
), closed AS (
    UPDATE gate SET status = 'expired' FROM moved
    WHERE gate.task_id = moved.id AND gate.status = 'open' AND moved.status = {CANCELLED}
    RETURNING gate.*
), told AS ({
    _tell(
        _of_task(
            f"CASE moved.status WHEN {IN_PROGRESS} THEN 'task.updated' ELSE 'task.cancelled' END",
            "$2",
            "$3",
            extra="jsonb_build_object('reason', $4::text, 'cancel_requested', moved.cancel_requested)",
        ),
        _of_gate("gate.expired", "closed", "$2", "$3"),
    )
})
SELECT {task_columns("moved")} FROM moved
"""

RETRY = f"""
WITH moved AS (
    UPDATE task t SET {_TOUCHED}, updated_by = $2, status = '{target(Action.RETRY)}', attempt = 0,
        failures = 0, error = NULL, run_after = NULL, finished_at = NULL, cancel_requested = false, {_LET_GO}
    WHERE t.id = $1 AND t.status IN {_in(Action.RETRY)}
    RETURNING t.*
), told AS ({_tell(_of_task("'task.retried'", "$2", "$3", extra="jsonb_build_object('reason', $4::text)"))})
SELECT {task_columns("moved")} FROM moved
"""

ANSWER = f"""
WITH waiting AS (
    SELECT t.id FROM task t JOIN gate g ON g.task_id = t.id WHERE g.id = $1 FOR UPDATE OF t
), answered AS (
    UPDATE gate SET status = 'answered', answer = $2, answered_by = $3, answered_at = {NOW} FROM waiting
    WHERE gate.id = $1 AND gate.task_id = waiting.id AND gate.status = 'open'
    RETURNING gate.*
), moved AS (
    UPDATE task t SET {_TOUCHED}, updated_by = $3, status = '{target(Action.ANSWER)}', blocked_reason = NULL,
        {_LET_GO}
    FROM answered WHERE t.id = answered.task_id AND t.status IN {_in(Action.ANSWER)}
    RETURNING t.*
), told AS ({
    _tell(_of_gate("gate.answered", "answered", "$3", "$4"), _of_task("'task.updated'", "$3", "$4"))
})
SELECT answered.* FROM answered
"""


@cache
def update(columns: tuple[str, ...]) -> str:
    """$1 task, $2 actor, $3 traceparent, $4 the version that must still hold or NULL, then the values."""
    changes = ", ".join(f"{column} = ${place}" for place, column in enumerate(columns, start=5))
    return f"""
WITH moved AS (
    UPDATE task t SET {_TOUCHED}, updated_by = $2, {changes}
    WHERE t.id = $1 AND ($4::int IS NULL OR t.version = $4::int)
    RETURNING t.*
), told AS ({_tell(_of_task("'task.updated'", "$2", "$3"))})
SELECT {task_columns("moved")} FROM moved
"""


# --- claims

_UNMET = f"""EXISTS (SELECT 1 FROM task_dependency d JOIN task n ON n.id = d.depends_on
        WHERE d.task_id = t.id AND n.status <> {COMPLETED})"""
READY = f"(t.run_after IS NULL OR t.run_after <= {NOW}) AND NOT {_UNMET}"
"""Nothing but a worker is missing, of a pending task named `t`."""

_CLAIMED = f"""{_TOUCHED}, status = {IN_PROGRESS}, claim_epoch = t.claim_epoch + 1, attempt = t.attempt + 1,
        assigned_to = $1, updated_by = $1, started_at = {NOW}, cancel_requested = false,
        blocked_reason = NULL, progress = NULL, progress_note = NULL"""

_ARTIFACT = """jsonb_build_object('id', a.id, 'task_id', a.task_id, 'name', a.name, 'media_type',
        a.media_type, 'size_bytes', a.size_bytes, 'sha256', a.sha256, 'kind', a.kind,
        'created_by', a.created_by, 'created_at', a.created_at)"""

_EPOCH = "jsonb_build_object('epoch', moved.claim_epoch)"
_CLAIM_TAIL = f"""
), lease AS (
    INSERT INTO task_lease (task_id, epoch, agent, key_id, expires_at)
    SELECT id, claim_epoch, $1, $2, {NOW} + make_interval(secs => $3) FROM moved
    RETURNING task_id, expires_at
), began AS (
    INSERT INTO task_attempt (task_id, epoch, agent, started_at)
    SELECT id, claim_epoch, $1, {NOW} FROM moved
), told AS ({_tell(_of_task("'task.claimed'", "$1", "$4", extra=_EPOCH))})
SELECT {task_columns("moved")}, lease.expires_at,
    (SELECT jsonb_agg({_ARTIFACT} ORDER BY i.position) FROM task_input i
        JOIN artifact a ON a.id = i.artifact_id WHERE i.task_id = moved.id) AS inputs,
    (SELECT jsonb_agg(to_jsonb(g) ORDER BY g.answered_at) FROM gate g
        WHERE g.task_id = moved.id AND g.status = 'answered') AS answers
FROM moved JOIN lease ON lease.task_id = moved.id
ORDER BY moved.priority DESC, moved.created_at, moved.number
"""

CLAIM = f"""
WITH moved AS (
    UPDATE task t SET {_CLAIMED}
    WHERE t.id = $5 AND t.version = $6 AND t.status = {PENDING} AND {READY}
    RETURNING t.*
{_CLAIM_TAIL}"""

CLAIM_NEXT = f"""
WITH picked AS (
    SELECT t.id FROM task t
    WHERE t.status = {PENDING} AND {READY} AND t.capabilities <@ $5::text[]
    ORDER BY t.priority DESC, t.created_at, t.number LIMIT $6
    FOR UPDATE OF t SKIP LOCKED
), moved AS (
    UPDATE task t SET {_CLAIMED} FROM picked WHERE t.id = picked.id AND t.status = {PENDING}
    RETURNING t.*
{_CLAIM_TAIL}"""

# --- a worker's writes: $1 task, $2 epoch, $3 key or NULL, $4 traceparent

_HELD = """held AS (
    SELECT task_id, epoch, agent FROM task_lease
    WHERE task_id = $1 AND epoch = $2 AND ($3::uuid IS NULL OR key_id = $3::uuid) FOR UPDATE
)"""
_STILL = f"t.id = held.task_id AND t.claim_epoch = held.epoch AND t.status = {IN_PROGRESS}"


def _ended(outcome: str, error: str = "NULL") -> str:
    """The lease goes, the attempt gets its outcome; a worker that was asked to stop has cancelled."""
    return f"""gone AS (
    DELETE FROM task_lease l USING moved WHERE l.task_id = moved.id
), ended AS (
    UPDATE task_attempt a SET ended_at = {NOW}, error = {error},
        outcome = CASE moved.status WHEN {CANCELLED} THEN 'cancelled' ELSE {outcome} END
    FROM moved WHERE a.task_id = moved.id AND a.epoch = moved.claim_epoch
)"""


def _unless_cancelled(status: str) -> str:
    """A task that nobody wants any more does not wait for another worker."""
    return f"CASE WHEN t.cancel_requested THEN {CANCELLED} ELSE {status} END"


HEARTBEAT = f"""
WITH renewed AS (
    UPDATE task_lease SET expires_at = {NOW} + make_interval(secs => $5)
    WHERE task_id = $1 AND epoch = $2 AND ($3::uuid IS NULL OR key_id = $3::uuid)
    RETURNING task_id, epoch, agent, expires_at
), moved AS (
    UPDATE task t SET updated_at = {NOW}, progress = COALESCE($6, t.progress),
        progress_note = COALESCE($7, t.progress_note)
    FROM renewed held WHERE {_STILL} AND ($6::float8 IS NOT NULL OR $7::text IS NOT NULL)
    RETURNING t.*
), told AS ({
    _tell(
        _of_task(
            "'task.progress'",
            "moved.updated_by",
            "$4",
            extra="jsonb_build_object('progress', moved.progress, 'note', moved.progress_note)",
        )
    )
})
SELECT renewed.expires_at, t.cancel_requested FROM renewed JOIN task t ON t.id = renewed.task_id
"""

COMPLETE = f"""
WITH {_HELD}, moved AS (
    UPDATE task t SET {_TOUCHED}, updated_by = held.agent, status = {COMPLETED}, result = $5, error = NULL,
        progress = 1, finished_at = {NOW}, cancel_requested = false
    FROM held WHERE {_STILL} RETURNING t.*
), {_ended("'completed'")},
told AS ({
    _tell(
        _of_task(
            "'task.completed'", "moved.updated_by", "$4", extra="jsonb_build_object('result', moved.result)"
        )
    )
})
SELECT {task_columns("moved")} FROM moved
"""


def _setback(error: str, retryable: str, base_s: str) -> str:
    """What a failed attempt does to its task: again later, or the end."""
    again = f"({retryable} AND t.failures + 1 < t.max_attempts)"
    return f"""{_TOUCHED}, updated_by = held.agent, error = {error}, failures = t.failures + 1,
        status = {_unless_cancelled(f"CASE WHEN {again} THEN {PENDING} ELSE {FAILED} END")},
        assigned_to = CASE WHEN {again} AND NOT t.cancel_requested THEN NULL ELSE t.assigned_to END,
        progress = NULL, progress_note = NULL,
        run_after = CASE WHEN {again} THEN {NOW} + make_interval(
            secs => LEAST(3600, {base_s} * 2 ^ LEAST(t.failures, 20))) ELSE t.run_after END,
        finished_at = CASE WHEN {again} AND NOT t.cancel_requested THEN NULL ELSE {NOW} END"""


_SETBACK_EVENT = f"""CASE moved.status WHEN {PENDING} THEN 'task.retried' WHEN {FAILED} THEN 'task.failed'
    ELSE 'task.cancelled' END"""

FAIL = f"""
WITH {_HELD}, moved AS (
    UPDATE task t SET {_setback("$5", "$6", "$7::float8")} FROM held WHERE {_STILL} RETURNING t.*
), {_ended("'failed'", "$5")},
told AS ({
    _tell(
        _of_task(
            _SETBACK_EVENT,
            "moved.updated_by",
            "$4",
            extra="jsonb_build_object('error', moved.error, 'run_after', moved.run_after)",
        )
    )
})
SELECT {task_columns("moved")} FROM moved
"""

BLOCK = f"""
WITH {_HELD}, moved AS (
    UPDATE task t SET {_TOUCHED}, updated_by = held.agent, status = {_unless_cancelled(BLOCKED)},
        blocked_reason = $5, {_LET_GO},
        finished_at = CASE WHEN t.cancel_requested THEN {NOW} ELSE NULL END
    FROM held WHERE {_STILL} RETURNING t.*
), {_ended("'blocked'")},
opened AS (
    INSERT INTO gate (task_id, kind, question, options, created_at, expires_at)
    SELECT id, $6, $5, $7, {NOW}, {NOW} + make_interval(secs => $8) FROM moved WHERE status = {BLOCKED}
    RETURNING *
), told AS ({
    _tell(
        _of_task(
            f"CASE moved.status WHEN {BLOCKED} THEN 'task.blocked' ELSE 'task.cancelled' END",
            "moved.updated_by",
            "$4",
            extra="jsonb_build_object('gate_id', (SELECT id FROM opened), 'question', $5::text, "
            "'options', to_jsonb($7::text[]))",
        ),
        _of_gate("gate.opened", "opened", "moved.updated_by", "$4"),
    )
})
SELECT {task_columns("moved")} FROM moved
"""

RELEASE = f"""
WITH {_HELD}, moved AS (
    UPDATE task t SET {_TOUCHED}, updated_by = held.agent,
        status = {_unless_cancelled(f"'{target(Action.RELEASE)}'")}, {_LET_GO},
        finished_at = CASE WHEN t.cancel_requested THEN {NOW} ELSE NULL END
    FROM held WHERE {_STILL} RETURNING t.*
), {_ended("'released'")},
told AS ({
    _tell(
        _of_task(
            f"CASE moved.status WHEN {CANCELLED} THEN 'task.cancelled' ELSE 'task.released' END",
            "moved.updated_by",
            "$4",
            extra="jsonb_build_object('reason', $5::text)",
        )
    )
})
SELECT {task_columns("moved")} FROM moved
"""

STOP = f"""
WITH {_HELD}, moved AS (
    UPDATE task t SET {_TOUCHED}, updated_by = held.agent, status = {CANCELLED}, finished_at = {NOW}
    FROM held WHERE {_STILL} AND t.cancel_requested RETURNING t.*
), {_ended("'cancelled'")},
told AS ({
    _tell(
        _of_task("'task.cancelled'", "moved.updated_by", "$4", extra="jsonb_build_object('reason', $5::text)")
    )
})
SELECT {task_columns("moved")} FROM moved
"""

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

# --- the sweeper's

EXPIRE_LEASES = f"""
WITH held AS (
    SELECT task_id, epoch, agent FROM task_lease WHERE expires_at < {NOW}
    ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED
), moved AS (
    UPDATE task t SET {
    _setback(
        "'lease_expired: ' || held.agent || ' was not heard of in time'",
        "true",
        "$1::float8",
    )
} FROM held WHERE {_STILL} RETURNING t.*
), {_ended("'lease_expired'", "moved.error")},
told AS ({
    _tell(_of_task(_SETBACK_EVENT, "'ledger'", "NULL", extra="jsonb_build_object('error', moved.error)"))
})
SELECT moved.id, moved.status FROM moved
"""

EXPIRE_GATES = f"""
WITH waiting AS (
    SELECT t.id FROM task t JOIN gate g ON g.task_id = t.id
    WHERE g.status = 'open' AND g.expires_at < {NOW} LIMIT 100 FOR UPDATE OF t SKIP LOCKED
), closed AS (
    UPDATE gate SET status = 'expired' FROM waiting
    WHERE gate.task_id = waiting.id AND gate.status = 'open' AND gate.expires_at < {NOW}
    RETURNING gate.*
), moved AS (
    UPDATE task t SET {_TOUCHED}, updated_by = 'ledger', status = '{target(Action.ANSWER)}',
        blocked_reason = NULL, {_LET_GO}
    FROM closed WHERE t.id = closed.task_id AND t.status IN {_in(Action.ANSWER)}
    RETURNING t.*
), told AS ({
    _tell(
        _of_gate("gate.expired", "closed", "'ledger'", "NULL"), _of_task("'task.updated'", "'ledger'", "NULL")
    )
})
SELECT moved.id FROM moved
"""

SILENT_AGENTS = f"""
WITH lost AS (
    UPDATE agent SET status = 'offline'
    WHERE status = 'online' AND last_seen_at < {NOW} - make_interval(secs => $1)
    RETURNING name, kind
), told AS (
    INSERT INTO event (type, entity_type, entity_id, actor, payload, at)
    SELECT 'agent.offline', 'agent', name, 'ledger', jsonb_build_object('name', name, 'kind', kind), {NOW}
    FROM lost
)
SELECT name FROM lost
"""
