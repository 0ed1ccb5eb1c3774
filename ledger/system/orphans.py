"""Stored bytes that no artifact owns: what an upload left whose process died between bytes and row.

Bytes are written before their row, so that a row always has its bytes; the price is swept up here.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from obstore.exceptions import BaseError

from ledger.artifacts.store import ArtifactStore
from ledger.engine import AWAY, LedgerEngine

AGE = timedelta(days=1)
"""Younger bytes may belong to an upload that still runs."""
EVERY_S = 6 * 3600.0
FIRST_S = 600.0

_OWNED = "SELECT id FROM artifact WHERE id = ANY($1::uuid[])"

log = structlog.get_logger(__name__)


class Orphans:
    """Any number of them may run at once: deleting twice is deleting."""

    def __init__(
        self, db: LedgerEngine, store: ArtifactStore, *, age: timedelta = AGE, every_s: float = EVERY_S
    ) -> None:
        self._db = db
        self._store = store
        self._age = age
        self._every_s = every_s

    async def run(self) -> None:
        """Sweeps until cancelled; a store or a database that is away is asked again next time."""
        await asyncio.sleep(min(FIRST_S, self._every_s))
        while True:
            try:
                await self.sweep()
            except (BaseError, *AWAY) as error:
                log.warning("orphans.interrupted", error=type(error).__name__)
            except Exception:
                log.exception("orphans.failed")
            await asyncio.sleep(self._every_s)

    async def sweep(self) -> int:
        """One round; how many were removed."""
        removed = 0
        before = datetime.now(UTC) - self._age
        async for batch in self._store.listing():
            old = [one.artifact_id for one in batch if one.stored_at < before]
            owned = {row["id"] for row in await self._db.rows(_OWNED, old)} if old else set()
            for artifact_id in old:
                if artifact_id not in owned:
                    await self._store.delete(artifact_id)
                    removed += 1
        if removed:
            log.info("orphans.removed", count=removed)
        return removed
