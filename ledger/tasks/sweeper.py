"""What nobody asks for: leases and gates that ran out, agents that fell silent."""

import asyncio
from collections.abc import Callable, Iterable

import structlog

from ledger.engine import AWAY, LedgerEngine
from ledger.tasks import sql

log = structlog.get_logger(__name__)

_SOONEST_AGAIN_S = 0.002

Announce = Callable[[Iterable[tuple[str, str]]], None]


class Sweeper:
    """Any number of them may sweep at once: each row is taken by one.

    Args:
        db: The ledger's.
        announce: Wakes who waits for events.
        every_s: The longest pause; a lease that ends before is seen to when it ends.
        silence_s: An agent that was not heard of for so long counts as offline.
    """

    def __init__(self, db: LedgerEngine, announce: Announce, *, every_s: float, silence_s: float) -> None:
        self._db = db
        self._announce = announce
        self._every_s = every_s
        self._silence_s = silence_s

    async def run(self) -> None:
        """Sweeps until cancelled; a database that is away is asked again."""
        now = asyncio.get_running_loop().time
        while True:
            wake_at = now() + self._every_s
            try:
                # Asked before the sweep: what ends in between is swept, what ends later is waited for.
                if (end_s := await self._next_end_s()) is not None:
                    wake_at = min(wake_at, now() + end_s)
                await self.sweep()
            except AWAY as error:
                log.warning("sweep.interrupted", error=type(error).__name__)
            except Exception:
                log.exception("sweep.failed")
            await asyncio.sleep(max(_SOONEST_AGAIN_S, wake_at - now()))

    async def _next_end_s(self) -> float | None:
        """Until the first lease that still holds runs out; None: there is none."""
        row = await self._db.row(sql.NEXT_LEASE_END)
        return row["in_s"] if row else None

    async def sweep(self) -> None:
        """One round."""
        while await self._expire_leases() == sql.LEASES_AT_ONCE:
            continue
        for row in await self._db.rows(sql.EXPIRE_GATES):
            log.info("gate.expired", task_id=row["id"])
            self._announce([("gate.expired", row["id"])])
        for row in await self._db.rows(sql.SILENT_AGENTS, float(self._silence_s)):
            log.info("agent.offline", agent=row["name"])
            self._announce([("agent.offline", row["name"])])

    async def _expire_leases(self) -> int:
        rows = await self._db.rows(sql.EXPIRE_LEASES)
        for row in rows:
            log.info("lease.expired", task_id=row["id"], status=row["status"])
            ended = {"pending": "task.retried", "failed": "task.failed"}
            self._announce([(ended.get(row["status"], "task.cancelled"), row["id"])])
        return len(rows)
