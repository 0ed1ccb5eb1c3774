"""What Piccolo's columns cannot say: composite and partial indexes, checks, the event's transaction."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ledger.ddl import migration

ID = "2026-11-22T09:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes, checks and the event cursor"

FORWARDS = [
    "CREATE UNIQUE INDEX task_dependency_pair ON task_dependency (task_id, depends_on)",
    "CREATE UNIQUE INDEX task_attempt_epoch ON task_attempt (task_id, epoch)",
    "CREATE UNIQUE INDEX task_input_pair ON task_input (task_id, artifact_id)",
    "CREATE UNIQUE INDEX idempotency_key_owner ON idempotency_key (owner, key)",
    "CREATE INDEX task_claimable ON task (priority DESC, created_at, number) WHERE status = 'pending'",
    "CREATE INDEX task_newest ON task (number DESC) INCLUDE (status)",
    "CREATE INDEX task_status ON task (status, number DESC)",
    "CREATE INDEX gate_open ON gate (expires_at) WHERE status = 'open'",
    "CREATE INDEX artifact_task ON artifact (task_id, created_at) WHERE task_id IS NOT NULL",
    "CREATE INDEX turn_session ON turn (session_id, seq)",
    "CREATE INDEX event_cursor ON event (xid, seq)",
    "CREATE INDEX event_task ON event (task_id, xid, seq) WHERE task_id IS NOT NULL",
    "ALTER TABLE event ALTER COLUMN xid SET DEFAULT (pg_current_xact_id()::text)::bigint",
    "ALTER TABLE task ADD CONSTRAINT task_status_known CHECK (status IN "
    "('pending', 'in_progress', 'blocked', 'completed', 'failed', 'cancelled'))",
    "ALTER TABLE task ADD CONSTRAINT task_priority_known CHECK (priority BETWEEN 1 AND 4)",
    "ALTER TABLE gate ADD CONSTRAINT gate_status_known CHECK (status IN ('open', 'answered', 'expired'))",
    # Waits much, changes often: keep dead rows few.
    "ALTER TABLE task SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)",
    "ALTER TABLE task_lease SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)",
]

BACKWARDS = [
    "ALTER TABLE task_lease RESET (fillfactor, autovacuum_vacuum_scale_factor)",
    "ALTER TABLE task RESET (fillfactor, autovacuum_vacuum_scale_factor)",
    "ALTER TABLE gate DROP CONSTRAINT gate_status_known",
    "ALTER TABLE task DROP CONSTRAINT task_priority_known",
    "ALTER TABLE task DROP CONSTRAINT task_status_known",
    "ALTER TABLE event ALTER COLUMN xid SET DEFAULT 0",
    "DROP INDEX event_task, event_cursor, turn_session, artifact_task, gate_open, task_status, task_newest, "
    "task_claimable, idempotency_key_owner, task_input_pair, task_attempt_epoch, task_dependency_pair",
]


async def forwards() -> MigrationManager:
    return migration(ID, DESCRIPTION, forwards=FORWARDS, backwards=BACKWARDS)
