"""Writes of one kind that come while one of theirs is under way share the next statement and its commit.

Nobody waits while nothing is under way. Writes share with those of the same key only, so that what a key's
holder sends can delay or spoil no other's. What the database refuses, it refuses as a whole and writes
nothing: then everybody asks alone, and the one that was wrong is told so.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass

import asyncpg
import msgspec
import structlog

from ledger.engine import AWAY, LedgerEngine, Row

MOST = 100
"""Writes in one statement."""

log = structlog.get_logger(__name__)


class Alone(Exception):
    """The shared statement wrote nothing: send yours alone."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose writes go together."""

    key_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Given:
    """One write."""

    id: str
    encoded: msgspec.Raw
    """As JSON, by the writer itself: what cannot be encoded is its own error."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    given: Given
    row: "asyncio.Future[Row | None]"


class Together:
    """Sends what has gathered, as long as `run` runs; before and after, everybody goes alone.

    Args:
        db: The ledger's.
        statement: $1 the writes as a JSON array, $2 the owner's name, $3 the owner's key. Its rows have the
            column `id`.
    """

    def __init__(self, db: LedgerEngine, statement: str) -> None:
        self._db = db
        self._statement = statement
        self._group: asyncio.TaskGroup | None = None
        self._waiting: dict[Owner, deque[_Waiting]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as self._group:
            try:
                await asyncio.Event().wait()
            finally:
                self._group = None

    async def row(self, owner: Owner, given: Given) -> Row | None:
        """Writes it with what else has come; its row of the answer, or None if there is none for it.

        Who is cancelled meanwhile harms none of the others.

        Raises:
            Alone: nothing was written.
        """
        if self._group is None:
            raise Alone
        mine = _Waiting(given, asyncio.get_running_loop().create_future())
        if owner in self._waiting:
            self._waiting[owner].append(mine)
        else:
            self._waiting[owner] = deque([mine])
            self._group.create_task(self._serve(owner), context=Context())
        return await mine.row

    async def _serve(self, owner: Owner) -> None:
        waiting = self._waiting[owner]
        try:
            while waiting:
                batch = [waiting.popleft() for _ in range(min(MOST, len(waiting)))]
                await self._send(owner, [one for one in batch if not one.row.done()])
        finally:
            del self._waiting[owner]
            _fail(waiting, Alone())

    async def _send(self, owner: Owner, batch: Sequence[_Waiting]) -> None:
        if not batch:
            return
        try:
            found = await self._rows(owner, [one.given.encoded for one in batch])
        except AWAY as error:  # whether it was written, nobody knows
            _fail(batch, error)
        except asyncpg.PostgresError as error:
            log.debug("writes.parted", writes=len(batch), error=type(error).__name__)
            _fail(batch, Alone())
        except BaseException as error:
            _fail(batch, ConnectionError("the ledger is stopping"))
            if not isinstance(error, Exception):
                raise
            log.exception("writes.failed", writes=len(batch))
        else:
            for one in batch:
                if not one.row.done():
                    one.row.set_result(found.get(one.given.id))

    async def _rows(self, owner: Owner, given: Sequence[msgspec.Raw]) -> Mapping[str, Row]:
        rows = await self._db.command(self._statement, given, owner.name, owner.key_id)
        return {row["id"]: row for row in rows}


def _fail(those: Iterable[_Waiting], error: Exception) -> None:
    for one in those:
        if not one.row.done():
            one.row.set_exception(error)
