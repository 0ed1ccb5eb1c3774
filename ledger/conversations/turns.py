"""Recording turns and reading them again.

The session's row is locked before a turn takes its number: within a session, numbers grow in the order
of commits, and `after=seq` can miss nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import convert
from msgspec.structs import replace

from agentops.wire import Artifact, ArtifactId, NewTurn, Page, Session, TurnRecord
from ledger import tables
from ledger.artifacts.catalogue import by_ids
from ledger.caller import Caller
from ledger.engine import LedgerEngine, Row
from ledger.errors import ValidationFailed
from ledger.events.telling import tell
from ledger.ids import checked, zoned
from ledger.paging import cursor_of, place_of

_LOCK = "INSERT INTO session (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = session.id RETURNING id"
_ADD = """
WITH added AS (
    INSERT INTO turn (id, session_id, role, channel, text, attachments, reply_to, task_id, said_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, COALESCE($9, statement_timestamp()))
    ON CONFLICT (id) DO NOTHING RETURNING *
), counted AS (
    UPDATE session SET turns = session.turns + 1,
        last_turn_at = GREATEST(session.last_turn_at, added.said_at)
    FROM added WHERE session.id = added.session_id RETURNING session.turns
)
SELECT added.*, counted.turns AS place FROM added, counted
"""
_SESSIONS = """SELECT * FROM session WHERE $1::timestamptz IS NULL OR (last_turn_at, id) < ($1, $2)
ORDER BY last_turn_at DESC, id DESC LIMIT $3"""
_COLUMNS = frozenset(TurnRecord.__struct_fields__) - {"attachments", "place"}
_FORGET = f"""
WITH gone AS (DELETE FROM turn WHERE session_id = $1 RETURNING attachments),
files AS (
    DELETE FROM artifact a USING (SELECT DISTINCT unnest(attachments)::uuid AS id FROM gone) g
    WHERE a.id = g.id AND a.task_id IS NULL
        AND NOT EXISTS (SELECT FROM task_input i WHERE i.artifact_id = a.id)
        AND NOT EXISTS (SELECT FROM turn t WHERE t.session_id <> $1 AND a.id::text = ANY (t.attachments))
),
session AS (DELETE FROM session s WHERE s.id = $1 RETURNING s.*),
told AS ({tell("'session.forgotten'", "session", "session.id", "$2", "$3", "session", "'{}'::jsonb")})
SELECT id FROM session
"""  # noqa: S608  # constants of this module's own


async def record(caller: Caller, session_id: str, new: NewTurn) -> TurnRecord:
    """Writes a turn down; one that is known already stays as it is.

    Raises:
        ValidationFailed: it names an artifact that does not exist.
    """
    caller.need()
    checked(new.attachments, "attachments")
    checked([new.task_id], "task_id")
    zoned(new.said_at, "said_at")
    attachments = await by_ids(caller.db, new.attachments)
    if len(attachments) < len(set(new.attachments)):
        raise ValidationFailed("attachments: one of these artifacts does not exist")
    async with caller.db.joined():
        await caller.db.rows(_LOCK, session_id)
        row = await caller.db.row(
            _ADD, new.id, session_id, new.role, new.channel, new.text, new.attachments, new.reply_to,
            new.task_id, new.said_at,
        )  # fmt: skip
    place = row["place"] if row is not None else None
    if row is None:
        row = await caller.db.row("SELECT * FROM turn WHERE id = $1", new.id)
    if row is None:
        raise LookupError("a turn that is neither new nor known")
    return replace((await turns_of(caller.db, [row]))[0], place=place)


async def list_turns(
    db: LedgerEngine, session_id: str, *, after: int | None, before: int | None, limit: int
) -> Page[TurnRecord]:
    """Turns of a session, oldest first; without `after`, the last ones. `next` is for `after`."""
    turn = tables.Turn
    query = turn.select().where(turn.session_id == session_id).limit(limit + 1)
    if before is not None:
        query = query.where(turn.seq < before)
    if after is not None:
        query = query.where(turn.seq > after)
    rows = await db.select(query.order_by(turn.seq, ascending=after is not None))
    more = len(rows) > limit and after is not None
    kept = rows[:limit] if after is not None else rows[:limit][::-1]
    turns = await turns_of(db, kept)
    return Page(items=turns, next=str(turns[-1].seq) if more else None)


async def forget(caller: Caller, session_id: str) -> None:
    """Removes all that was said in a session, and the files that came with it unless a task has them.

    Tasks that were made of it stay: they are work, and say what they need themselves.
    """
    caller.need()
    if await caller.db.rows(_FORGET, session_id, caller.name, caller.traceparent):
        caller.announce("session.forgotten", session_id)


async def turns_of(db: LedgerEngine, rows: Sequence[Row]) -> list[TurnRecord]:
    """Rows of the table turn, with what is known of their attachments."""
    wanted = {artifact_id for row in rows for artifact_id in row["attachments"]}
    known = {artifact.id: artifact for artifact in await by_ids(db, sorted(wanted))}
    return [_turn(row, known) for row in rows]


def _turn(row: Row, known: Mapping[ArtifactId, Artifact]) -> TurnRecord:
    fields = {name: row[name] for name in _COLUMNS}
    attachments = [known[name] for name in row["attachments"] if name in known]
    return TurnRecord(attachments=attachments, **fields)


async def list_sessions(db: LedgerEngine, *, limit: int, cursor: str | None) -> Page[Session]:
    """A page of sessions, the latest spoken in first."""
    last, behind = (None, "") if cursor is None else place_of(cursor, tuple[datetime, str])
    rows = await db.rows(_SESSIONS, last, behind, limit + 1)
    kept = rows[:limit]
    more = len(rows) > limit
    place = (kept[-1]["last_turn_at"], kept[-1]["id"]) if more else None
    return Page(
        items=convert([dict(row) for row in kept], list[Session]), next=cursor_of(place) if place else None
    )
