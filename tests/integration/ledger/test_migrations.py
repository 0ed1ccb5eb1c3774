"""Up, down, up again; many starters at once; the tables are what the code says."""

import asyncio

import asyncpg
import pytest

from ledger import migrate
from ledger.tables import TABLES

_SCHEMA = """
SELECT 'column' AS kind, table_name || '.' || column_name AS name,
    concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default) AS value
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
ORDER BY 1, 2
"""


async def _schema(dsn: str) -> list[tuple[str, str, str]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(_SCHEMA)]
    finally:
        await connection.close()


def _tables(schema: list[tuple[str, str, str]]) -> set[str]:
    return {name.split(".")[0] for kind, name, _ in schema if kind == "column"}


async def test_migrations_go_up_and_down_and_up(postgres_dsn: str) -> None:
    await migrate.forwards(postgres_dsn)
    first = await _schema(postgres_dsn)
    assert _tables(first) == {table._meta.tablename for table in TABLES} | {"migration"}

    # Through every step, each of which may be where an older version stops.
    steps = [first]
    while len(_tables(steps[-1])) > 1:
        await migrate.backwards(postgres_dsn, "1")
        steps.append(await _schema(postgres_dsn))
        assert steps[-1] != steps[-2]
    await migrate.forwards(postgres_dsn)
    assert await _schema(postgres_dsn) == first

    await migrate.backwards(postgres_dsn)
    assert _tables(await _schema(postgres_dsn)) == {"migration"}

    await migrate.forwards(postgres_dsn)
    assert await _schema(postgres_dsn) == first


async def test_migrating_again_changes_nothing(postgres_dsn: str) -> None:
    await migrate.forwards(postgres_dsn)
    first = await _schema(postgres_dsn)
    await migrate.forwards(postgres_dsn)
    assert await _schema(postgres_dsn) == first


async def test_four_starters_at_once_migrate_once(postgres_dsn: str) -> None:
    async with asyncio.timeout(60):
        await asyncio.gather(*(migrate.forwards(postgres_dsn) for _ in range(4)))
    connection = await asyncpg.connect(postgres_dsn)
    try:
        names = [row["name"] for row in await connection.fetch("SELECT name FROM migration ORDER BY id")]
    finally:
        await connection.close()
    assert len(names) == len(set(names)) >= 2


async def test_the_tables_in_code_are_those_of_the_migrations(postgres_dsn: str) -> None:
    """Every column of ledger.tables is in the database, with its type; no migration was forgotten."""
    await migrate.forwards(postgres_dsn)
    found = {name: value for kind, name, value in await _schema(postgres_dsn) if kind == "column"}
    for table in TABLES:
        for column in table._meta.columns:
            assert f"{table._meta.tablename}.{column._meta.db_column_name}" in found
    expected = {
        f"{table._meta.tablename}.{column._meta.db_column_name}"
        for table in TABLES
        for column in table._meta.columns
    }
    assert expected == {name for name in found if not name.startswith("migration.")}


async def test_an_unknown_migration_is_an_error(postgres_dsn: str) -> None:
    await migrate.forwards(postgres_dsn)
    with pytest.raises(RuntimeError):
        await migrate.backwards(postgres_dsn, "2020-01-01T00:00:00:000000")
