"""A lease without indexes that its few rows do not need: a heartbeat then writes into none."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ledger.ddl import migration

ID = "2026-11-22T13:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Leases are found by their task"

FORWARDS = ["DROP INDEX IF EXISTS task_lease_agent, task_lease_expires_at"]

BACKWARDS = [
    "CREATE INDEX task_lease_agent ON task_lease (agent)",
    "CREATE INDEX task_lease_expires_at ON task_lease (expires_at)",
]


async def forwards() -> MigrationManager:
    return migration(ID, DESCRIPTION, forwards=FORWARDS, backwards=BACKWARDS)
