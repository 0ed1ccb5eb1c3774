"""How far retention has removed events, and who must be told: an event stream never skips in silence."""

from ledger.engine import LedgerEngine
from ledger.errors import CursorExpired
from ledger.events.log import BEGINNING, Cursor


async def horizon(db: LedgerEngine) -> Cursor:
    """The last event that was removed; the beginning if none was."""
    row = await db.row("SELECT xid, seq FROM event_horizon")
    return Cursor(row["xid"], row["seq"]) if row else BEGINNING


async def still_kept(db: LedgerEngine, after: Cursor) -> None:
    """Refuses a cursor behind which events were removed.

    To be asked after the events behind it were read: what removes them moves the horizon in the same
    transaction, so whoever missed some sees the new one. The beginning means the oldest event that is
    kept, and never expires.

    Raises:
        CursorExpired: there may have been events behind it that are gone.
    """
    if after == BEGINNING:
        return
    gone = await horizon(db)
    if after < gone:
        raise CursorExpired(
            "events behind this cursor are no longer kept; read the present state anew, then go on from now "
            "(without `after`) or from the oldest event that is kept (`after=0`)",
            current={"oldest": str(gone)},
        )
