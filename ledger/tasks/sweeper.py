"""What nobody asks for: leases and gates that ran out, agents that fell silent."""

import asyncio
from collections.abc import Callable, Iterable

import structlog

from ledger.engine import AWAY, LedgerEngine
from ledger.tasks import sql

log = structlog.get_logger(__name__)

Announce = Callable[[Iterable[tuple[str, str]]], None]


class Sweeper:
    """Any number of them may sweep at once: each row is taken by one."""

    def __init__(
        self, db: LedgerEngine, announce: Announce, *, every_s: float, retry_base_s: float, silence_s: float
    ) -> None:
        self._db = db
        self._announce = announce
        self._every_s = every_s
        self._retry_base_s = retry_base_s
        self._silence_s = silence_s

    async def run(self) -> None:
        """Sweeps until cancelled; a database that is away is asked again."""
        while True:
            try:
                await self.sweep()
            except AWAY as error:
                log.warning("sweep.interrupted", error=type(error).__name__)
            except Exception:
                log.exception("sweep.failed")
            await asyncio.sleep(self._every_s)

    async def sweep(self) -> None:
        """One round."""
        for row in await self._db.rows(sql.EXPIRE_LEASES, self._retry_base_s):
            log.info("lease.expired", task_id=row["id"], status=row["status"])
            ended = {"pending": "task.retried", "failed": "task.failed"}
            self._announce([(ended.get(row["status"], "task.cancelled"), row["id"])])
        for row in await self._db.rows(sql.EXPIRE_GATES):
            log.info("gate.expired", task_id=row["id"])
            self._announce([("gate.expired", row["id"])])
        for row in await self._db.rows(sql.SILENT_AGENTS, float(self._silence_s)):
            log.info("agent.offline", agent=row["name"])
            self._announce([("agent.offline", row["name"])])
