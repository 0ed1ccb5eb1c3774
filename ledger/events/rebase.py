"""Keeps cursors growing when the log moves to another cluster, which counts its transactions anew.

What orders the log is a transaction's number plus a base, the SQL function `event_xid_base()`. It is a
constant that the planner folds away. A log that holds numbers which this cluster has not reached came from
another one (a dump was restored): the base is moved beyond all of them. See
docs/adr/0007-cursors-outlive-their-cluster.md.
"""

import structlog

from ledger.engine import LedgerEngine
from ledger.events.log import XID_BASE, XMIN

LEAP = 2**40
"""Beyond the last number in the log; readers may hold cursors of events that came after the dump."""

_FOREIGN = f"""
SELECT last FROM (SELECT greatest(
    (SELECT max(xid) FROM event), (SELECT max(xid) FROM event_horizon)
) AS last) log
WHERE last >= (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint + {XID_BASE}
"""  # noqa: S608  # a constant

log = structlog.get_logger(__name__)


async def foreign(db: LedgerEngine) -> int | None:
    """The last number in a log that came from another cluster; None: this log is of this cluster."""
    row = await db.row(_FOREIGN)
    return int(row["last"]) if row else None


async def settle(db: LedgerEngine) -> bool:
    """Moves the base if the log came from another cluster; whether it did. Nobody may write meanwhile."""
    last = await foreign(db)
    if last is None:
        return False
    await leap(db, last)
    return True


async def leap(db: LedgerEngine, last: int = 0) -> None:
    """Puts what will be written far behind `last`, and far behind all that could be read so far."""
    row = await db.row(f"SELECT greatest({XMIN}, $1::bigint) + $2::bigint AS base", last, LEAP)
    if row is None:
        raise LookupError("an expression without a row")
    base = int(row["base"])
    await db.rows(
        "CREATE OR REPLACE FUNCTION event_xid_base() RETURNS bigint "
        f"LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT {base}::bigint'"
    )
    log.warning("events.rebased", base=base)
