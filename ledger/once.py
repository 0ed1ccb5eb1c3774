"""A write and the memory of its answer, in one statement: asked again, it answers again and writes nothing.

A command is one statement whose rows are its answer. Under an idempotency key it also stores these rows,
so that a change without its answer cannot exist, and costs no second trip to the database. A repeated
command finds that nothing is left to do, or breaks the key's unique index and with it the whole statement;
either way nothing is written, and the stored rows are handed out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import msgspec

from ledger.engine import LedgerEngine, Row
from ledger.errors import IdempotencyMismatch

FRESH = "/* not done before */ true"
"""A condition for steps that should not even begin when the command was done before."""

_MISMATCH = "this Idempotency-Key came with another request before; take a fresh one"
_UNIQUE = "idempotency_key_owner"
_ARGUMENT = re.compile(r"\$(\d+)")
_FIND = "SELECT fingerprint, status, body, rows FROM idempotency_key WHERE owner = $1 AND key = $2"


class Command:
    """One statement that writes.

    Args:
        steps: The parts of its WITH.
        result: The SELECT over them whose rows are the answer; none means that nothing was written.
        keep: The columns of the answer that are stored, where its handler finds the others again.
        memory: Instead of `keep`, a SELECT over the steps of what is stored: one array of JSON objects, or
            no row if nothing was written. Of a batch, it is shorter than the answer's rows.
    """

    def __init__(self, steps: str, result: str, *, keep: str = "*", memory: str | None = None) -> None:
        self.plain = f"WITH {steps}\n{result}"
        self.kept = _kept(steps, result, keep, memory)


def _kept(steps: str, result: str, keep: str, memory: str | None) -> str:
    """The same with three more arguments: the key's owner, the key, and the request's fingerprint."""
    last = max(map(int, _ARGUMENT.findall(steps + result)), default=0)
    owner, key, fingerprint = (f"${last + place}" for place in (1, 2, 3))
    fresh = f"NOT EXISTS (SELECT FROM idempotency_key k WHERE k.owner = {owner} AND k.key = {key})"
    found = memory or f"SELECT json_agg(a) AS rows FROM (SELECT {keep} FROM answer) a HAVING count(*) > 0"  # noqa: S608
    answer, last_step = (
        (f", answer AS (\n{result}\n)", "SELECT * FROM answer") if memory is None else ("", result)
    )
    return f"""WITH {steps.replace(FRESH, fresh)}{answer}, kept AS (
    INSERT INTO idempotency_key (owner, key, fingerprint, rows)
    SELECT {owner}, {key}, {fingerprint}, m.rows FROM ({found}) m
)
{last_step}"""  # noqa: S608


class Remembered(msgspec.Struct, frozen=True):
    """What is known of a key: the rows of a command, or a whole response."""

    fingerprint: bytes
    status: int
    body: bytes
    rows: list[dict[str, Any]] | None


async def recall(db: LedgerEngine, owner: str, key: str, fingerprint: bytes) -> Remembered | None:
    """What was answered under this key, or None if it is new.

    Raises:
        IdempotencyMismatch: the key came with another request.
    """
    row = await db.row(_FIND, owner, key)
    if row is None:
        return None
    if row["fingerprint"] != fingerprint:
        raise IdempotencyMismatch(_MISMATCH)
    return Remembered(**row)


@dataclass(slots=True)
class Once:
    """One command under one idempotency key."""

    owner: str
    key: str
    fingerprint: bytes
    replayed: bool = False
    """Whether the rows are those of the time before."""

    async def rows(self, db: LedgerEngine, command: Command, args: Sequence[Any]) -> Sequence[Row]:
        """Runs the command, or gives the rows of the time before.

        Raises:
            IdempotencyMismatch: the key came with another request.
        """
        try:
            found = await db.command(command.kept, *args, self.owner, self.key, self.fingerprint)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != _UNIQUE:
                raise
            found = []
        return found or await self.remembered(db)

    async def remembered(self, db: LedgerEngine) -> Sequence[Row]:
        """The rows of the time before; none, if there was none.

        Raises:
            IdempotencyMismatch: the key came with another request.
        """
        known = await recall(db, self.owner, self.key, self.fingerprint)
        if known is None:
            return []
        if known.rows is None:
            raise IdempotencyMismatch(_MISMATCH)
        self.replayed = True
        return known.rows
