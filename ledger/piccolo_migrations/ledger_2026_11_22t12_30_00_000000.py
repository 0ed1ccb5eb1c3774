"""The log's order outlives its cluster: a transaction's number counts from a base."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

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


async def _run(statements: list[str]) -> None:
    engine = engine_finder()
    for statement in statements:
        await engine.run_ddl(statement)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="ledger", description=DESCRIPTION)

    async def up() -> None:
        await _run(FORWARDS)

    async def down() -> None:
        await _run(BACKWARDS)

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
