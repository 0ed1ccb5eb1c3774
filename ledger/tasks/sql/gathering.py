# ruff: noqa: S608 - put together from constants of this package only
"""Creating the tasks of many requests in one statement, each under its own idempotency key."""

from ledger.tasks.sql.parts import NOW, of_task_to_come, tell

CREATE_TOGETHER = f"""WITH given AS (
    SELECT * FROM ROWS FROM (jsonb_to_recordset($1) AS (id uuid, title text, description text,
        acceptance_criteria text[], priority int, project_id uuid, capabilities text[], origin text,
        context jsonb, estimated_hours float8, due_at timestamptz, run_after timestamptz, max_attempts int,
        traceparent text, key text, fingerprint text)) WITH ORDINALITY AS g (id, title, description,
        acceptance_criteria, priority, project_id, capabilities, origin, context, estimated_hours, due_at,
        run_after, max_attempts, traceparent, key, fingerprint, n)
    WHERE NOT EXISTS (SELECT FROM idempotency_key k WHERE k.owner = $3 AND k.key = g.key OFFSET 0)
), moved AS (
    INSERT INTO task (title, description, acceptance_criteria, priority, project_id, capabilities, origin,
        context, estimated_hours, due_at, run_after, max_attempts, created_by, updated_by, created_at,
        updated_at, id)
    SELECT title, description, acceptance_criteria, priority, project_id, capabilities, origin, context,
        estimated_hours, due_at, run_after, max_attempts, $2, $2, {NOW}, {NOW}, id
    FROM given ORDER BY n
    RETURNING *, '{{}}'::uuid[] AS depends_on
), told AS ({
    tell(of_task_to_come("'task.created'", "$2", "(SELECT g.traceparent FROM given g WHERE g.id = moved.id)"))
}), kept AS (
    INSERT INTO idempotency_key (owner, key, fingerprint, rows)
    SELECT $3, given.key, decode(given.fingerprint, 'hex'), json_build_array(row_to_json(moved))
    FROM given JOIN moved USING (id) WHERE given.key IS NOT NULL
)
SELECT * FROM moved"""
"""$1 the tasks as a JSON array, each with its id, traceparent, key and fingerprint (hexadecimal) or nulls;
$2 actor, $3 the keys' owner. Of a task whose key was used before, nothing is written and there is no row.
"""
