"""Removing what is older than the settings say, in batches that never hold anybody up.

Events go in the order of their cursors, oldest first, and the horizon moves with them: a reader whose
cursor lies before it is told so (`horizon`). Turns and attempts go by their own times.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from ledger.engine import AWAY, LedgerEngine

BATCH = 1_000
EVERY_S = 60.0
FIRST_S = 5.0
"""After the start, which has enough to do."""
BREATH_S = 0.05
"""Between two batches, so that catching up with years takes the database's spare time only."""

# Of the oldest events, those before the first that is to be kept. One replica at a time: the horizon's row.
_EVENTS = """
WITH turn AS (
    SELECT id FROM event_horizon FOR UPDATE SKIP LOCKED
), oldest AS (
    SELECT e.xid, e.seq, e.at FROM event e, turn
    WHERE e.xid < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint + event_xid_base()
    ORDER BY e.xid, e.seq LIMIT $2
), doomed AS (
    SELECT xid, seq FROM (
        SELECT xid, seq, bool_and(at < statement_timestamp() - $1::interval)
            OVER (ORDER BY xid, seq) AS old FROM oldest
    ) o WHERE old
), gone AS (
    DELETE FROM event e USING doomed d WHERE e.xid = d.xid AND e.seq = d.seq RETURNING e.seq
), moved AS (
    UPDATE event_horizon h SET xid = d.xid, seq = d.seq
    FROM (SELECT xid, seq FROM doomed ORDER BY xid DESC, seq DESC LIMIT 1) d
)
SELECT count(*) AS n FROM gone
"""
# With the files that came with them, as `conversations.turns.forget` has it: unless a task, or a turn that
# stays, has them. Their bytes go with the next sweep of `orphans`.
_TURNS = """
WITH oldest AS (SELECT seq, said_at FROM turn ORDER BY seq LIMIT $2 FOR UPDATE SKIP LOCKED),
gone AS (
    DELETE FROM turn USING oldest o WHERE turn.seq = o.seq
        AND o.said_at < statement_timestamp() - $1::interval RETURNING turn.seq, turn.attachments
), doomed AS (
    SELECT DISTINCT unnest(attachments)::uuid AS id FROM gone
), kept AS (
    SELECT DISTINCT one::uuid AS id FROM turn t, unnest(t.attachments) AS one
    WHERE EXISTS (SELECT FROM doomed) AND t.attachments && (SELECT array_agg(id::text) FROM doomed)
        AND NOT EXISTS (SELECT FROM gone g WHERE g.seq = t.seq)
), files AS (
    DELETE FROM artifact a USING doomed d WHERE a.id = d.id AND a.task_id IS NULL
        AND NOT EXISTS (SELECT FROM task_input i WHERE i.artifact_id = a.id)
        AND NOT EXISTS (SELECT FROM kept k WHERE k.id = a.id)
)
SELECT count(*) AS n FROM gone
"""
_ATTEMPTS = """
WITH oldest AS (SELECT id, ended_at FROM task_attempt ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED),
gone AS (
    DELETE FROM task_attempt a USING oldest o WHERE a.id = o.id
        AND o.ended_at < statement_timestamp() - $1::interval RETURNING a.id
)
SELECT count(*) AS n FROM gone
"""
_ANSWERS = """
WITH oldest AS (
    SELECT id FROM idempotency_key WHERE created_at < statement_timestamp() - $1::interval
    ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
), gone AS (DELETE FROM idempotency_key k USING oldest o WHERE k.id = o.id RETURNING k.id)
SELECT count(*) AS n FROM gone
"""
_PASSED_STOPS = "DELETE FROM claim_stop WHERE until < statement_timestamp() - interval '1 hour'"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Keep:
    """For how many days; 0 is for ever."""

    events: int
    turns: int
    attempts: int
    answers: int

    def rules(self) -> list[tuple[str, str, timedelta]]:
        """What goes, by which statement, and how old it must be."""
        every = [
            ("events", _EVENTS, self.events),
            ("turns", _TURNS, self.turns),
            ("attempts", _ATTEMPTS, self.attempts),
            ("answers", _ANSWERS, self.answers),
        ]
        return [(what, statement, timedelta(days=days)) for what, statement, days in every if days]


class Retention:
    """Any number of them may run at once."""

    def __init__(self, db: LedgerEngine, keep: Keep, *, batch: int = BATCH, every_s: float = EVERY_S) -> None:
        self._db = db
        self._keep = keep
        self._batch = batch
        self._every_s = every_s

    async def run(self) -> None:
        """Removes until cancelled; a database that is away is asked again."""
        await asyncio.sleep(min(FIRST_S, self._every_s))
        while True:
            try:
                await self.sweep()
            except AWAY as error:
                log.warning("retention.interrupted", error=type(error).__name__)
            except Exception:
                log.exception("retention.failed")
            await asyncio.sleep(self._every_s)

    async def sweep(self) -> dict[str, int]:
        """One round: as many batches as there are. How many rows of what have gone."""
        removed = {what: await self._drain(statement, age) for what, statement, age in self._keep.rules()}
        await self._db.rows(_PASSED_STOPS)
        if any(removed.values()):
            log.info("retention.removed", **removed)
        return removed

    async def _drain(self, statement: str, age: timedelta) -> int:
        total = 0
        while True:
            row = await self._db.row(statement, age, self._batch)
            gone = row["n"] if row else 0
            total += gone
            if gone < self._batch:
                return total
            await asyncio.sleep(BREATH_S)
