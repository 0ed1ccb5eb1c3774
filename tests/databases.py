"""Databases with the ledger's tables, emptied after a test and used again.

Copying the template and dropping the copy takes a tenth of a second of processor time; emptying takes a
hundredth.
"""

from dataclasses import dataclass, field
from itertools import count

import asyncpg

from ops.embedded.postgres import SUPERUSER, EmbeddedPostgres

MOST_BYTES = 4_000_000
"""How much one may have grown: what a test of thousands of rows leaves would slow others down."""
_SCHEMA = """
WITH ours AS (SELECT oid, relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace)
SELECT md5(string_agg(what, '|' ORDER BY what)) FROM (
    SELECT format('%s %s', relname, relkind) AS what FROM ours
    UNION ALL SELECT format('%s %s %s %s', relname, attname, atttypid, attnotnull)
        FROM pg_attribute JOIN ours ON ours.oid = attrelid WHERE attnum > 0 AND relkind = 'r'
    UNION ALL SELECT format('%s %s', proname, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT format('%s %s', conname, conrelid::regclass) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT max(id)::text FROM migration
) s
"""
_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
SET session_replication_role = replica;
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migration' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    PERFORM setval(format('public.%I', sequencename)::regclass, start_value, false) FROM pg_sequences
    WHERE schemaname = 'public' AND sequencename <> 'migration_id_seq' AND last_value IS NOT NULL;
END $$;
INSERT INTO event_horizon (xid, seq) VALUES (0, 0);
"""


@dataclass
class Databases:
    """Copies of a template on one server.

    Attributes:
        template: name of a database with the ledger's tables; nobody is connected to it.
    """

    server: EmbeddedPostgres
    template: str
    _idle: list[str] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _fresh: tuple[str, int] | None = None

    async def take(self) -> str:
        """The name of an empty one."""
        if self._idle:
            return self._idle.pop()
        name = f"ledger_{next(self._numbers)}"
        await self._execute(f"CREATE DATABASE {name} OWNER cos TEMPLATE {self.template} STRATEGY FILE_COPY")
        if self._fresh is None:
            self._fresh = await self._looked_at(name)
        return name

    async def give_back(self, name: str) -> None:
        """Emptied for the next one; dropped when it is no longer as the template is."""
        schema, size = await self._looked_at(name)
        if self._fresh is None or schema != self._fresh[0] or size > self._fresh[1] + MOST_BYTES:
            await self._execute(f"DROP DATABASE {name} WITH (FORCE)")
            return
        connection = await self._connect(name)
        try:
            await connection.execute(_OTHERS)
            await connection.execute(_EMPTY)
        finally:
            await connection.close(timeout=5)
        self._idle.append(name)

    async def _looked_at(self, name: str) -> tuple[str, int]:
        connection = await self._connect(name)
        try:
            schema = await connection.fetchval(_SCHEMA)
            return schema, await connection.fetchval("SELECT pg_database_size(current_database())")
        finally:
            await connection.close(timeout=5)

    async def _execute(self, sql: str) -> None:
        connection = await self._connect("postgres")
        try:
            await connection.execute(sql)
        finally:
            await connection.close(timeout=5)

    async def _connect(self, name: str) -> "asyncpg.Connection":
        return await asyncpg.connect(self.server.dsn_of(name, role=SUPERUSER), timeout=10)
