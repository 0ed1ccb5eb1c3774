"""Piccolo's engine with what a server needs: no lost pool slot, plain JSON and ids, statements by name.

Piccolo's own transaction keeps its connection for ever when COMMIT fails or the task is cancelled in
between, and treats a transaction within a transaction as nothing. Here every way out gives the
connection back, and nesting is refused.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Literal

import asyncpg
import msgspec
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.query.base import Query

CONNECT_TIMEOUT_S = 5.0
ACQUIRE_TIMEOUT_S = 20.0
"""Under a rush, requests queue for a connection rather than fail; a database that is away fails at once."""
STATEMENT_TIMEOUT_S = 30.0

AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that died within a command, on its way back to the pool
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    OSError,
    TimeoutError,
)
"""What a database that is away, starting or full looks like."""

_SETTINGS = {"application_name": "ledger", "timezone": "UTC", "jit": "off"}
# A command finds each of its rows by a key, and the next tasks in their index's order. The planner cannot
# know: it plans a command once, when few tasks wait, and would then sort thousands for every claim. Planned
# for any arguments at once and for as long as the connection lives: planning takes longer than a command.
_BY_KEY = {
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_sort": "off",
    "plan_cache_mode": "force_generic_plan",
}

Row = Mapping[str, Any]


class LedgerTransaction(PostgresTransaction):
    """A transaction whose connection always goes back to the pool."""

    def __init__(self, engine: "LedgerEngine", allow_nested: bool = False) -> None:
        super().__init__(engine, allow_nested=allow_nested)

    async def __aenter__(self) -> "LedgerTransaction":
        self.connection = await self.get_connection()
        try:
            self.transaction = self.connection.transaction()
            await self.begin()  # type: ignore[no-untyped-call]
        except BaseException:
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> Literal[False]:
        self.engine.current_transaction.reset(self.context)
        try:
            if exception is None:
                await self.commit()  # type: ignore[no-untyped-call]
            else:
                await self._roll_back_quietly()
        finally:
            await self._give_back()
        return False

    async def _roll_back_quietly(self) -> None:
        try:
            await self.rollback()  # type: ignore[no-untyped-call]
        except (asyncpg.PostgresError, *AWAY):
            # The connection is gone, and the transaction with it; what went wrong first is the news.
            return

    async def _give_back(self) -> None:
        pool = self.engine.pool
        if pool is not None:
            # Shielded by asyncpg: it ends even if this task is cancelled once more.
            await pool.release(self.connection)

    async def get_connection(self) -> Any:
        pool = self.engine.pool
        if pool is None:
            raise asyncpg.InterfaceError("the pool is closed")
        return await pool.acquire(timeout=ACQUIRE_TIMEOUT_S)


class LedgerEngine(PostgresEngine):
    """The way to PostgreSQL. Tables build queries; an engine, handed to who needs it, runs them."""

    def __init__(self, dsn: str) -> None:
        super().__init__(config={"dsn": dsn})
        self.commands: asyncpg.Pool[asyncpg.Record] | None = None
        """Connections of their own for commands."""

    async def check_version(self) -> None:
        """Nothing: constructing an engine must not connect."""

    async def prep_database(self) -> None:
        """Nothing: no extension is needed."""

    @asynccontextmanager
    async def opened(self, *, max_size: int = 10, commands: int = 0) -> AsyncIterator["LedgerEngine"]:
        """Holds the pool open; a connection that PostgreSQL dropped is made anew on its next use.

        Args:
            max_size: Connections for reads and transactions.
            commands: Connections for commands; with 0, these take the others.
        """
        await self.start_connection_pool(**_pool_of(max_size, _SETTINGS))
        try:
            if commands:
                self.commands = await asyncpg.create_pool(
                    **self.config,
                    **_pool_of(commands, {**_SETTINGS, **_BY_KEY}),
                    max_cached_statement_lifetime=0,
                )
            yield self
        finally:
            pools = (self.pool, self.commands)
            self.pool = self.commands = None
            for pool in pools:
                if pool is not None:
                    pool.terminate()

    def transaction(self, allow_nested: bool = False) -> LedgerTransaction:
        return LedgerTransaction(self, allow_nested=allow_nested)

    @asynccontextmanager
    async def joined(self) -> AsyncIterator[None]:
        """The open transaction, or a new one for this block."""
        if self.transaction_exists():
            yield
        else:
            async with self.transaction():
                yield

    async def rows(self, statement: str, *args: Any) -> Sequence[Row]:
        """Runs one statement with `$1`-style arguments, in the open transaction if there is one."""
        return await self._fetch(self.pool, statement, args)

    async def command(self, statement: str, *args: Any) -> Sequence[Row]:
        """The same for a statement that moves tasks: it finds what it moves by keys."""
        return await self._fetch(self.commands or self.pool, statement, args)

    async def _fetch(self, pool: Any, statement: str, args: Sequence[Any]) -> Sequence[Row]:
        current = self.current_transaction.get()
        if current is not None:
            found: Sequence[Row] = await current.connection.fetch(statement, *args)
            return found
        if pool is None:
            raise asyncpg.InterfaceError("the pool is closed")
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            fetched: Sequence[Row] = await connection.fetch(statement, *args)
        return fetched

    async def row(self, statement: str, *args: Any) -> Row | None:
        """The first row of `rows`, or None."""
        found = await self.rows(statement, *args)
        return found[0] if found else None

    async def select(self, query: Query[Any, Any]) -> Sequence[Row]:
        """Runs a query that a Piccolo table has built."""
        statement, args = query.querystrings[0].compile_string()
        return await self.rows(statement, *args)


def _pool_of(max_size: int, settings: Mapping[str, str]) -> dict[str, Any]:
    return {
        "min_size": 1,
        "max_size": max_size,
        "command_timeout": STATEMENT_TIMEOUT_S,
        "timeout": CONNECT_TIMEOUT_S,
        "init": _speak_plainly,
        "reset": _nothing_to_reset,
        "server_settings": settings,
    }


async def _nothing_to_reset(_: Any) -> None:
    """The ledger leaves nothing set on a connection: asking each time would double the trips of a command.

    An open transaction is rolled back by asyncpg all the same.
    """


async def _speak_plainly(connection: Any) -> None:
    """JSON columns as Python values, ids as strings: what the wire types want."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_to_json, decoder=msgspec.json.decode, format="text"
        )
    await connection.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=str, format="text")


def _to_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


DIALECT = LedgerEngine("")
"""Never connected: it only tells the tables which SQL to build."""
