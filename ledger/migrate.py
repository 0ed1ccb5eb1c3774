"""Brings a database to this version's tables, or back; many starters at once do it once.

An advisory lock lets one starter migrate while the others wait. A database that is up to date costs three
queries over one connection, and Piccolo's migration machinery (slow to import, and large) is left out of the
process.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

import structlog

from ledger.engine import LedgerEngine
from ledger.events import rebase

LOCK = 7_306_004_512_873
FOLDER = Path(__file__).parent / "piccolo_migrations"
APP = "ledger"

log = structlog.get_logger(__name__)


async def forwards(dsn: str) -> None:
    """Runs every migration that has not run yet; settles a log that was restored from another cluster.

    Raises:
        RuntimeError: a migration did not succeed; the database is as it was before that one.
    """
    async with LedgerEngine(dsn).opened(max_size=2) as engine:
        if not await _missing(engine) and not await rebase.foreign(engine):
            return
        async with _alone(engine):
            missing = await _missing(engine)
            if missing:
                await _run(engine, "forwards", "all")
                log.info("database.migrated", migrations=sorted(missing))
            await rebase.settle(engine)


async def backwards(dsn: str, to: str = "all") -> None:
    """Undoes migrations: `all`, `1` for the newest, or an id for all back to that one, inclusive."""
    async with LedgerEngine(dsn).opened(max_size=2) as engine, _alone(engine):
        await _run(engine, "backwards", to)
        log.info("database.migrated_back", to=to)


@asynccontextmanager
async def _alone(engine: LedgerEngine) -> AsyncIterator[None]:
    if engine.pool is None:
        raise RuntimeError("the pool is closed")
    async with engine.pool.acquire() as connection:
        # The lock waits as long as the other starter migrates, so the usual limit does not apply.
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK, timeout=600)
        try:
            yield
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)


async def _missing(engine: LedgerEngine) -> set[str]:
    known = {path.stem for path in FOLDER.glob("ledger_*.py")}
    if await engine.row("SELECT 1 WHERE to_regclass('migration') IS NULL"):
        return known
    ran = await engine.rows("SELECT name FROM migration WHERE app_name = $1", APP)
    return known - {_stem(row["name"]) for row in ran}


def _stem(migration_id: str) -> str:
    """The file of a migration: Piccolo derives both from the time that it was made at."""
    return f"{APP}_" + migration_id.lower().replace(":", "_").replace("-", "_")


async def _run(engine: LedgerEngine, direction: str, to: str) -> None:
    os.environ.setdefault("PICCOLO_CONF", "ledger.piccolo_conf")  # how Piccolo finds its engine
    from piccolo.apps.migrations.commands.backwards import run_backwards
    from piccolo.apps.migrations.commands.forwards import run_forwards
    from piccolo.apps.migrations.tables import Migration

    from ledger.piccolo_conf import MIGRATING

    token = MIGRATING.set(engine)
    Migration._meta.db = engine
    try:
        with redirect_stdout(StringIO()) as said:  # Piccolo prints its progress
            if direction == "forwards":
                result = await run_forwards(APP, migration_id=to)
            else:
                result = await run_backwards(APP, migration_id=to, auto_agree=True)
    finally:
        MIGRATING.reset(token)
    if not result.success:
        raise RuntimeError(f"migrating {direction} failed: {result.message}\n{said.getvalue()}")
