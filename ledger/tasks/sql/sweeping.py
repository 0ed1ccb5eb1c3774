# ruff: noqa: S608 - put together from constants of this package and of the state table only
"""What nobody asks for: leases and gates that ran out, agents that fell silent."""

from ledger.tasks.sql.parts import LET_GO, NOW, TOUCHED, allowed_in, of_gate, of_task, tell
from ledger.tasks.sql.working import SETBACK_EVENT, STILL, ended, setback
from ledger.tasks.states import Action, target

NEXT_LEASE_END = f"""SELECT extract(epoch FROM min(expires_at) - {NOW})::float8 AS in_s
FROM task_lease WHERE expires_at >= {NOW}"""

LEASES_AT_ONCE = 100
# No pause before the next attempt: the task has waited for a whole lease already.
EXPIRE_LEASES = f"""
WITH held AS (
    SELECT task_id, epoch, agent FROM task_lease WHERE expires_at < {NOW}
    ORDER BY expires_at LIMIT {LEASES_AT_ONCE} FOR UPDATE SKIP LOCKED
), moved AS (
    UPDATE task t SET {
    setback(
        "'lease_expired: ' || held.agent || ' was not heard of in time'",
        "true",
        "0",
    )
} FROM held WHERE {STILL} RETURNING t.*
), {ended("'lease_expired'", "moved.error")},
told AS ({tell(of_task(SETBACK_EVENT, "'ledger'", "NULL", extra="'error', moved.error"))})
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
    UPDATE task t SET {TOUCHED}, updated_by = 'ledger', status = '{target(Action.ANSWER)}',
        blocked_reason = NULL, {LET_GO}
    FROM closed WHERE t.id = closed.task_id AND t.status IN {allowed_in(Action.ANSWER)}
    RETURNING t.*
), told AS ({
    tell(of_gate("gate.expired", "closed", "'ledger'", "NULL"), of_task("'task.updated'", "'ledger'", "NULL"))
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
