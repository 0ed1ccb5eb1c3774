"""A ledger that has been in use for long: finished tasks with their attempts and events, by the million."""

import asyncpg

_TASKS = """
INSERT INTO task (id, title, description, acceptance_criteria, priority, status, version, assigned_to,
    context, result, progress, capabilities, attempt, failures, max_attempts, claim_epoch, cancel_requested,
    created_by, updated_by, created_at, updated_at, started_at, finished_at)
SELECT gen_random_uuid(), 'Count the boxes ' || n, '', '{}', 1 + n % 4,
    CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'completed' END, 3, 'bench', '{}', '{"n": 1}', 1, '{}', 1, 0,
    3, 1, false, 'bench', 'bench', now() - n * interval '1 second', now(), now(), now()
FROM generate_series($1::int, $2::int) AS s (n)
RETURNING id
"""
_ATTEMPTS = """INSERT INTO task_attempt (task_id, epoch, agent, ended_at, outcome)
    SELECT id, 1, 'bench', now(), 'completed' FROM unnest($1::uuid[]) AS t (id)"""
_EVENTS = """INSERT INTO event (type, entity_type, entity_id, task_id, actor, payload)
    SELECT kind, 'task', id::text, id, 'bench', '{"number": 1, "title": "Count the boxes"}'
    FROM unnest($1::uuid[]) AS t (id),
        unnest(ARRAY['task.created', 'task.claimed', 'task.completed']) AS k (kind)"""
_WORDS = "INSERT INTO task_words SELECT id, to_tsvector('simple', title) FROM task ON CONFLICT DO NOTHING"
CHUNK = 20_000


async def fill(dsn: str, rows: int) -> None:
    """Adds `rows` finished tasks and lets PostgreSQL look at what it has."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SET synchronous_commit = off")
        # Words are indexed at the end and at once: a trigger a row takes longer than all the rest.
        await connection.execute("ALTER TABLE task DISABLE TRIGGER task_words")
        for first in range(1, rows + 1, CHUNK):
            last = min(rows, first + CHUNK - 1)
            ids = [row["id"] for row in await connection.fetch(_TASKS, first, last)]
            await connection.execute(_ATTEMPTS, ids)
            await connection.execute(_EVENTS, ids)
        await connection.execute(_WORDS, timeout=900)
        await connection.execute("ALTER TABLE task ENABLE TRIGGER task_words")
        await connection.execute("VACUUM (ANALYZE)", timeout=900)
    finally:
        await connection.close()
