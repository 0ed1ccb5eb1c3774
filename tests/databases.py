"""Databases with the ledger's tables, emptied after a test and used again.

Copying the template and dropping the copy takes a tenth of a second of processor time; emptying takes a
hundredth, over a connection that is kept: a new one would learn of all the tables first.
"""

from dataclasses import dataclass, field
from itertools import count
from typing import Any, LiteralString

import psycopg

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
SET statement_timeout = '30s';
DO $$
DECLARE
    names text[] := ARRAY(
        SELECT format('%I', tablename) FROM pg_tables
        WHERE schemaname = 'public' AND tablename NOT IN ('migration', 'api_key', 'event_horizon')
    );
    name text;
BEGIN
    LOOP
        BEGIN
            EXECUTE format('LOCK TABLE %s IN EXCLUSIVE MODE NOWAIT', array_to_string(names, ', '));
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_sleep(0.002);
        END;
    END LOOP;
    FOREACH name IN ARRAY names LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
END $$;
"""
_AS_NEW = """
DELETE FROM api_key; DELETE FROM event_horizon; INSERT INTO event_horizon (xid, seq) VALUES (0, 0);
SELECT setval(format('public.%I', sequencename)::regclass, start_value, false) FROM pg_sequences
WHERE schemaname = 'public' AND sequencename <> 'migration_id_seq' AND last_value IS NOT NULL
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
    _kept: dict[str, psycopg.Connection] = field(default_factory=dict)

    def take(self) -> str:
        """The name of an empty one."""
        if self._idle:
            return self._idle.pop()
        name = f"ledger_{next(self._numbers)}"
        create = f"CREATE DATABASE {name} OWNER cos TEMPLATE {self.template} STRATEGY FILE_COPY"
        self._connection("postgres").execute(create.encode())
        if self._fresh is None:
            self._fresh = self._looked_at(name)
        return name

    def give_back(self, name: str) -> None:
        """Emptied for the next one; dropped when it is no longer as the template is."""
        schema, size = self._looked_at(name)
        if self._fresh is None or schema != self._fresh[0] or size > self._fresh[1] + MOST_BYTES:
            self._kept.pop(name).close()
            self._connection("postgres").execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
            return
        self._connection(name).execute(_OTHERS)
        self.empty(name)
        self._connection(name).execute(_AS_NEW)
        self._idle.append(name)

    def empty(self, name: str) -> None:
        """Rows alone go: a ledger that runs on it keeps its keys, its numbers go on, and so does its log.

        It holds nothing while it waits for what that ledger is writing, and waits for no reader: so it is
        never one of two that wait for each other.
        """
        self._connection(name).execute(_EMPTY)

    def close(self) -> None:
        """Close what is kept open; the databases stay."""
        for connection in self._kept.values():
            connection.close()
        self._kept.clear()

    def _looked_at(self, name: str) -> tuple[str, int]:
        return self._one(name, _SCHEMA), self._one(name, "SELECT pg_database_size(current_database())")

    def _one(self, name: str, query: LiteralString) -> Any:
        row = self._connection(name).execute(query).fetchone()
        return row[0] if row else None

    def _connection(self, name: str) -> psycopg.Connection:
        if name not in self._kept:
            dsn = self.server.dsn_of(name, role=SUPERUSER)
            self._kept[name] = psycopg.connect(
                dsn, autocommit=True, prepare_threshold=None, connect_timeout=10
            )
        return self._kept[name]
