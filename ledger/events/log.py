"""Reading the outbox in an order in which nothing can appear behind a reader's back.

`seq` alone is no cursor: a transaction that took a lower number may commit later. So events are read by
`(xid, seq)`, and only those whose transaction is older than every running one: no such transaction can
still add events. Every reader sees the same order.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from agentops.wire import Event, Events
from ledger.engine import LedgerEngine, Row
from ledger.errors import ValidationFailed

XID_BASE = "event_xid_base()"
"""Added to every transaction's number; `ledger.events.rebase` says why."""
XMIN = f"(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint + {XID_BASE}"
_COLUMNS = """xid, seq, type, entity_type, entity_id, task_id, project_id, actor, payload, traceparent, at"""


class Cursor(NamedTuple):
    """A place in the log; everything behind it is greater."""

    xid: int
    seq: int

    def __str__(self) -> str:
        return f"{self.xid}-{self.seq}"


BEGINNING = Cursor(0, 0)
_CURSOR = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)


def cursor_of(text: str) -> Cursor:
    """A cursor as clients hand it back; `0` is the beginning.

    Raises:
        ValidationFailed: it was not made here.
    """
    if text == "0":
        return BEGINNING
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise ValidationFailed("after: take the cursor from an event, or 0 for the beginning")
    return Cursor(int(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events a reader wants. `types` may end in `*`; empty means all."""

    types: tuple[str, ...] = ()
    project_id: str | None = None
    task_id: str | None = None

    @property
    def narrow(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.types or self.project_id or self.task_id)

    def wants(self, event: Event) -> bool:
        """Whether this reader wants this event."""
        if self.project_id is not None and event.project_id != self.project_id:
            return False
        if self.task_id is not None and event.task_id != self.task_id:
            return False
        return not self.types or any(_fits(event.type, pattern) for pattern in self.types)

    def conditions(self, first: int) -> tuple[str, list[Any]]:
        """The same in SQL, with its values numbered from `first`."""
        parts: list[str] = []
        values: list[Any] = []
        if self.types:
            # LIKE patterns; what a type may hold (letters, dots, underscores) is escaped where it means more.
            patterns = [name.replace("_", "\\_").replace("*", "%") for name in self.types]
            parts.append(f" AND type LIKE ANY(${first + len(values)}::text[])")
            values.append(patterns)
        for column in ("project_id", "task_id"):
            value = getattr(self, column)
            if value is not None:
                parts.append(f" AND {column} = ${first + len(values)}")
                values.append(value)
        return "".join(parts), values


def _fits(kind: str, pattern: str) -> bool:
    return kind.startswith(pattern[:-1]) if pattern.endswith("*") else kind == pattern


_TYPE = re.compile(r"[a-z][a-z_.]{0,48}\*?|\*", re.ASCII)


def types_of(text: str | None) -> tuple[str, ...]:
    """The query's `types`: `task.*,agent.offline`.

    Raises:
        ValidationFailed: that is no list of event types.
    """
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    for name in names:
        if not _TYPE.fullmatch(name):
            raise ValidationFailed(
                f"types: {name[:60]!r} is no event type; write task.completed, or task.* for all about tasks"
            )
    return () if "*" in names else names


def event_of(row: Row) -> Event:
    """A row of the log."""
    return Event(
        cursor=f"{row['xid']}-{row['seq']}",
        type=row["type"],
        entity_type=row["entity_type"],
        entity_id=row["entity_id"],
        task_id=row["task_id"],
        project_id=row["project_id"],
        actor=row["actor"],
        payload=row["payload"],
        traceparent=row["traceparent"],
        at=row["at"],
    )


async def now(db: LedgerEngine) -> Cursor:
    """The place behind every event that can be read now."""
    row = await db.row(f"SELECT {XMIN} AS xmin")
    if row is None:
        raise LookupError("a function without a row")
    return Cursor(row["xmin"], 0)


async def read(db: LedgerEngine, after: Cursor, wanted: EventFilter, limit: int) -> Events:
    """Up to `limit` events behind `after`, and where to go on."""
    conditions, values = wanted.conditions(first=4)
    rows = await db.rows(
        f"SELECT n.xmin, e.* FROM (SELECT {XMIN} AS xmin) n LEFT JOIN LATERAL ("  # noqa: S608
        f"SELECT {_COLUMNS} FROM event WHERE (xid, seq) > ($1, $2) AND xid < {XMIN}{conditions} "
        "ORDER BY xid, seq LIMIT $3) e ON true",
        *after,
        limit,
        *values,
    )
    events = [event_of(row) for row in rows if row["seq"] is not None]
    last = cursor_of(events[-1].cursor) if events else after
    if wanted.narrow and len(events) < limit:
        # Everything up to here was looked at: what did not match need not be looked at again.
        last = max(last, Cursor(rows[0]["xmin"], 0))
    return Events(events=events, cursor=str(last))


class Batch(NamedTuple):
    """What the live feed reads at once."""

    events: Sequence[Event]
    last: Cursor
    unsettled: bool
    """Newer events are committed, but an older transaction still runs: look again soon."""


async def read_live(db: LedgerEngine, after: Cursor, limit: int) -> Batch:
    """Everything behind `after` that may be read, and whether more is about to be readable."""
    rows = await db.rows(
        f"SELECT {_COLUMNS}, xid < {XMIN} AS settled FROM event WHERE (xid, seq) > ($1, $2) "  # noqa: S608
        "ORDER BY xid, seq LIMIT $3",
        *after,
        limit,
    )
    settled = [row for row in rows if row["settled"]]
    last = Cursor(settled[-1]["xid"], settled[-1]["seq"]) if settled else after
    return Batch([event_of(row) for row in settled], last, unsettled=len(settled) < len(rows))


async def read_between(db: LedgerEngine, after: Cursor, upto: Cursor, limit: int) -> Sequence[Event]:
    """Events behind `after` up to and with `upto`, which the live feed has passed already."""
    rows = await db.rows(
        f"SELECT {_COLUMNS} FROM event WHERE (xid, seq) > ($1, $2) AND (xid, seq) <= ($3, $4) "  # noqa: S608
        "ORDER BY xid, seq LIMIT $5",
        *after,
        *upto,
        limit,
    )
    return [event_of(row) for row in rows]
