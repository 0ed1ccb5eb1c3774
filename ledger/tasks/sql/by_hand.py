# ruff: noqa: S608 - put together from constants of this package and of the state table only
"""What people and the chief do with tasks: create, change, cancel, retry, answer."""

from functools import cache

from ledger.once import FRESH, Command
from ledger.tasks.sql.parts import (
    CANCELLED,
    IN_PROGRESS,
    LET_GO,
    NOW,
    TOUCHED,
    allowed_in,
    of_gate,
    of_task,
    of_task_to_come,
    task_columns,
    tell,
)
from ledger.tasks.states import Action, target

CREATE = Command(
    f"""moved AS (
    INSERT INTO task (title, description, acceptance_criteria, priority, project_id, parent_id,
        capabilities, origin, context, estimated_hours, due_at, run_after, max_attempts,
        created_by, updated_by, created_at, updated_at, id)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, {NOW}, {NOW}, $18 WHERE {FRESH}
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
), told AS ({tell(of_task_to_come("'task.created'", "$14", "$15"))})""",
    """SELECT moved.*, $16::uuid[] AS depends_on FROM moved""",
)

CREATE_BATCH = Command(
    f"""given AS (
    SELECT * FROM ROWS FROM (jsonb_to_recordset($1) AS (id uuid, title text, description text,
        acceptance_criteria text[], priority int, project_id uuid, parent_id uuid, capabilities text[],
        origin text, context jsonb, estimated_hours float8, due_at timestamptz, run_after timestamptz,
        max_attempts int, depends_on uuid[], attachments uuid[])) WITH ORDINALITY AS g (id, title,
        description, acceptance_criteria, priority, project_id, parent_id, capabilities, origin, context,
        estimated_hours, due_at, run_after, max_attempts, depends_on, attachments, n)
    WHERE {FRESH}
), moved AS (
    INSERT INTO task (title, description, acceptance_criteria, priority, project_id, parent_id,
        capabilities, origin, context, estimated_hours, due_at, run_after, max_attempts,
        created_by, updated_by, created_at, updated_at, id)
    SELECT title, description, acceptance_criteria, priority, project_id, parent_id, capabilities, origin,
        context, estimated_hours, due_at, run_after, max_attempts, $2, $2, {NOW}, {NOW}, id
    FROM given ORDER BY n
    RETURNING *
), waits AS (
    INSERT INTO task_dependency (task_id, depends_on)
    SELECT g.id, d.id FROM given g, unnest(g.depends_on) WITH ORDINALITY AS d (id, n) ORDER BY g.n, d.n
), inputs AS (
    INSERT INTO task_input (task_id, artifact_id, position)
    SELECT g.id, a.id, a.n FROM given g, unnest(g.attachments) WITH ORDINALITY AS a (id, n)
), adopted AS (
    UPDATE artifact SET task_id = g.id FROM given g
    WHERE artifact.id = ANY(g.attachments) AND artifact.task_id IS NULL
), told AS ({tell(of_task_to_come("'task.created'", "$2", "$3"))})""",
    """SELECT moved.*, given.depends_on FROM moved JOIN given USING (id) ORDER BY given.n""",
)
"""$1 the tasks as a JSON array, with ids that were made here; $2 actor, $3 traceparent."""

CANCEL = Command(
    f"""moved AS (
    UPDATE task t SET {TOUCHED}, updated_by = $2,
        cancel_requested = t.status = {IN_PROGRESS},
        status = CASE t.status WHEN {IN_PROGRESS} THEN t.status ELSE {CANCELLED} END,
        finished_at = CASE t.status WHEN {IN_PROGRESS} THEN NULL ELSE {NOW} END
    WHERE t.id = $1 AND t.status IN {allowed_in(Action.CANCEL)} AND NOT t.cancel_requested
    RETURNING t.*
), closed AS (
    UPDATE gate SET status = 'expired' FROM moved
    WHERE gate.task_id = moved.id AND gate.status = 'open' AND moved.status = {CANCELLED}
    RETURNING gate.*
), told AS ({
        tell(
            of_task(
                f"CASE moved.status WHEN {IN_PROGRESS} THEN 'task.updated' ELSE 'task.cancelled' END",
                "$2",
                "$3",
                extra="'reason', $4::text, 'cancel_requested', moved.cancel_requested",
            ),
            of_gate("gate.expired", "closed", "$2", "$3"),
        )
    })""",
    f"""SELECT {task_columns("moved")} FROM moved""",
)

RETRY = Command(
    f"""moved AS (
    UPDATE task t SET {TOUCHED}, updated_by = $2, status = '{target(Action.RETRY)}', attempt = 0,
        failures = 0, error = NULL, run_after = NULL, finished_at = NULL, cancel_requested = false, {LET_GO}
    WHERE t.id = $1 AND t.status IN {allowed_in(Action.RETRY)}
    RETURNING t.*
), told AS ({tell(of_task("'task.retried'", "$2", "$3", extra="'reason', $4::text"))})""",
    f"""SELECT {task_columns("moved")} FROM moved""",
)

ANSWER = Command(
    f"""waiting AS (
    SELECT t.id FROM task t JOIN gate g ON g.task_id = t.id WHERE g.id = $1 FOR UPDATE OF t
), answered AS (
    UPDATE gate SET status = 'answered', answer = $2, answered_by = $3, answered_at = {NOW} FROM waiting
    WHERE gate.id = $1 AND gate.task_id = waiting.id AND gate.status = 'open'
    RETURNING gate.*
), moved AS (
    UPDATE task t SET {TOUCHED}, updated_by = $3, status = '{target(Action.ANSWER)}', blocked_reason = NULL,
        {LET_GO}
    FROM answered WHERE t.id = answered.task_id AND t.status IN {allowed_in(Action.ANSWER)}
    RETURNING t.*
), told AS ({
        tell(of_gate("gate.answered", "answered", "$3", "$4"), of_task("'task.updated'", "$3", "$4"))
    })""",
    """SELECT answered.* FROM answered""",
)


@cache
def update(columns: tuple[str, ...]) -> Command:
    """$1 task, $2 actor, $3 traceparent, $4 the version that must still hold or NULL, then the values."""
    changes = "".join(f", {column} = ${place}" for place, column in enumerate(columns, start=5))
    return Command(
        f"""moved AS (
    UPDATE task t SET {TOUCHED}, updated_by = $2{changes}
    WHERE t.id = $1 AND ($4::int IS NULL OR t.version = $4::int)
    RETURNING t.*
), told AS ({tell(of_task_to_come("'task.updated'", "$2", "$3"))})""",
        f"SELECT {task_columns('moved')} FROM moved",
    )
