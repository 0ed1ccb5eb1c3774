"""What the hot commands want: answers kept as rows, and no more indexes on a task than somebody reads."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ledger.ddl import migration

ID = "2026-11-22T11:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "One statement for a command and its stored answer"

FORWARDS = [
    "ALTER TABLE idempotency_key ADD COLUMN rows json",
    "ALTER TABLE idempotency_key ALTER COLUMN status SET DEFAULT 0, ALTER COLUMN body SET DEFAULT ''",
    # The unique index on the number is read backwards as well; stats take task_status.
    "DROP INDEX task_newest",
    # Every claim and every ending writes into each index of a task: not into this one without a project.
    "DROP INDEX task_project_id",
    "CREATE INDEX task_project_id ON task (project_id, number DESC) WHERE project_id IS NOT NULL",
    # The log is read by its cursor only; an index on the number alone would be written and never read.
    "ALTER TABLE event DROP CONSTRAINT event_pkey",
    "DROP INDEX event_cursor",
    "ALTER TABLE event ADD PRIMARY KEY (xid, seq)",
    # Room for an attempt's end beside its beginning, so that its indexes are left alone.
    "ALTER TABLE task_attempt SET (fillfactor = 60)",
    # Answers are large, short-lived and read once if ever: pglz would take longer than the rest of a claim.
    """DO $$ BEGIN
        ALTER TABLE idempotency_key ALTER COLUMN rows SET COMPRESSION lz4;
    EXCEPTION WHEN feature_not_supported THEN NULL;  -- a PostgreSQL that was built without it
    END $$""",
    # Two look-ups and a row lock a claim, for rows that only a statement holding their task may write.
    "ALTER TABLE task_lease DROP CONSTRAINT task_lease_task_id_fkey",
    "ALTER TABLE task_attempt DROP CONSTRAINT task_attempt_task_id_fkey",
]

BACKWARDS = [
    "ALTER TABLE task_attempt RESET (fillfactor)",
    "ALTER TABLE event DROP CONSTRAINT event_pkey",
    "ALTER TABLE event ADD PRIMARY KEY (seq)",
    "CREATE INDEX event_cursor ON event (xid, seq)",
    "DROP INDEX task_project_id",
    "CREATE INDEX task_project_id ON task (project_id)",
    "ALTER TABLE task_attempt ADD CONSTRAINT task_attempt_task_id_fkey FOREIGN KEY (task_id) "
    "REFERENCES task (id) ON DELETE CASCADE ON UPDATE CASCADE",
    "ALTER TABLE task_lease ADD CONSTRAINT task_lease_task_id_fkey FOREIGN KEY (task_id) "
    "REFERENCES task (id) ON DELETE CASCADE ON UPDATE CASCADE",
    "CREATE INDEX task_newest ON task (number DESC) INCLUDE (status)",
    "DELETE FROM idempotency_key WHERE rows IS NOT NULL",
    "ALTER TABLE idempotency_key DROP COLUMN rows",
]


async def forwards() -> MigrationManager:
    return migration(ID, DESCRIPTION, forwards=FORWARDS, backwards=BACKWARDS)
