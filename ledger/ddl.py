"""Migrations that are written as SQL: what Piccolo's own columns cannot say."""

from collections.abc import Sequence

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder


def migration(
    migration_id: str, description: str, *, forwards: Sequence[str], backwards: Sequence[str]
) -> MigrationManager:
    """One that runs these statements in their order, and those to go back."""
    manager = MigrationManager(migration_id=migration_id, app_name="ledger", description=description)

    async def up() -> None:
        await _run(forwards)

    async def down() -> None:
        await _run(backwards)

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager


async def _run(statements: Sequence[str]) -> None:
    engine = engine_finder()
    if engine is None:
        raise LookupError("Piccolo found no engine: set PICCOLO_CONF to ledger.piccolo_conf")
    for statement in statements:
        await engine.run_ddl(statement)
