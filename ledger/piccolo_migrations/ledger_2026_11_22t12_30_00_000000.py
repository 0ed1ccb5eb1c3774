"""The log's order outlives its cluster: a transaction's number counts from a base."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ledger.ddl import migration

ID = "2026-11-22T12:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Events count their transactions from a base"

FORWARDS = [
    # A constant that the planner folds away; ledger.events.rebase replaces it.
    "CREATE FUNCTION event_xid_base() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE "
    "AS 'SELECT 0::bigint'",
    "ALTER TABLE event ALTER COLUMN xid SET DEFAULT (pg_current_xact_id()::text)::bigint + event_xid_base()",
]

BACKWARDS = [
    "ALTER TABLE event ALTER COLUMN xid SET DEFAULT (pg_current_xact_id()::text)::bigint",
    "DROP FUNCTION event_xid_base()",
]


async def forwards() -> MigrationManager:
    return migration(ID, DESCRIPTION, forwards=FORWARDS, backwards=BACKWARDS)
