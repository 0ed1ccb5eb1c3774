"""Registering skills, counting how they serve, retiring them.

A version is known by the hash of its content: the same content is the same version, and content that was
retired stays retired. A worker writes only under a claim that it holds.
"""

import msgspec

from agentops.wire import NewSkill, Page, RetireSkill, Scope, Skill, SkillStatus, SkillUse
from ledger.caller import Caller
from ledger.engine import LedgerEngine, Row
from ledger.errors import Forbidden, SkillNotFound, SkillRetired, ValidationFailed
from ledger.events.telling import tell
from ledger.ids import checked
from ledger.paging import cursor_of, place_of
from ledger.tasks.claims import lost

FAILURES_IN_A_ROW = 5
"""So many, and a version is retired."""

_LOCK = "SELECT pg_advisory_xact_lock(7306004512876)"
_ABOUT = """jsonb_build_object('name', skill.name, 'version', skill.version, 'sha256', skill.sha256,
    'reason', skill.reason)"""

_REGISTER = f"""
WITH skill AS (
    INSERT INTO skill (name, version, description, sha256, artifact_id, created_by)
    SELECT $1::text, COALESCE(max(version), 0) + 1, $2, $3, $4::uuid, $5 FROM skill s
    WHERE s.name = $1::text
    RETURNING *
), told AS ({tell("'skill.registered'", "skill", "skill.id", "$5", "$6", "skill", _ABOUT)})
SELECT skill.* FROM skill
"""  # noqa: S608

_TOO_OFTEN = f"failing >= {FAILURES_IN_A_ROW} AND s.status = 'registered'"
_USE = f"""
WITH before AS (
    SELECT id, status, CASE WHEN $3 THEN 0 ELSE failures_in_a_row + 1 END AS failing
    FROM skill WHERE name = $1 AND version = $2 FOR UPDATE
), skill AS (
    UPDATE skill s SET uses = uses + 1, last_used_at = statement_timestamp(),
        failures = failures + CASE WHEN $3 THEN 0 ELSE 1 END, failures_in_a_row = failing,
        status = CASE WHEN {_TOO_OFTEN} THEN 'retired' ELSE s.status END,
        reason = CASE WHEN {_TOO_OFTEN} THEN 'it failed {FAILURES_IN_A_ROW} times in a row' ELSE s.reason END,
        retired_at = CASE WHEN {_TOO_OFTEN} THEN statement_timestamp() ELSE s.retired_at END
    FROM before WHERE s.id = before.id RETURNING s.*
), gone AS (
    SELECT skill.* FROM skill JOIN before USING (id)
    WHERE before.status = 'registered' AND skill.status = 'retired'
), told AS ({tell("'skill.retired'", "skill", "skill.id", "$4", "$5", "gone skill", _ABOUT)})
SELECT skill.* FROM skill
"""  # noqa: S608

_RETIRE = f"""
WITH skill AS (
    UPDATE skill s SET status = 'retired', reason = $3, retired_at = statement_timestamp()
    WHERE s.name = $1 AND ($2::int IS NULL OR s.version = $2) AND s.status = 'registered' RETURNING s.*
), told AS ({tell("'skill.retired'", "skill", "skill.id", "$4", "$5", "skill", _ABOUT)})
SELECT skill.* FROM skill ORDER BY version DESC
"""  # noqa: S608

_LIST = """SELECT * FROM skill
WHERE ($1::text IS NULL OR name = $1) AND ($2::text IS NULL OR status = $2)
    AND ($3::text IS NULL OR name > $3 OR (name = $3 AND version < $4))
ORDER BY name, version DESC LIMIT $5"""

_HELD = """SELECT 1 FROM task_lease
WHERE task_id = $1 AND epoch = $2 AND ($3::uuid IS NULL OR key_id = $3::uuid) FOR SHARE"""


def _skill_of(row: Row) -> Skill:
    return msgspec.convert({name: row[name] for name in Skill.__struct_fields__}, Skill)


async def _allow(caller: Caller, wish: NewSkill | SkillUse) -> None:
    """Lets administrators pass, and workers who hold the claim that they name."""
    caller.need(Scope.AGENT)
    checked([wish.task_id], "task_id")
    if wish.task_id is not None and wish.epoch is not None:
        if not await caller.db.row(_HELD, wish.task_id, wish.epoch, caller.held_by):
            raise await lost(caller, wish.task_id, wish.epoch)
    elif caller.scope is not Scope.ADMIN:
        raise Forbidden("task_id, epoch: a worker writes under a claim that it holds; say which")


async def register(caller: Caller, new: NewSkill) -> Skill:
    """Writes a skill down; the same content is the version that it was.

    Raises:
        SkillRetired: this very content was retired.
        ValidationFailed: there is no such artifact.
    """
    checked([new.artifact_id], "artifact_id")
    async with caller.db.joined():
        await _allow(caller, new)
        await caller.db.rows(_LOCK)
        known = await caller.db.row(
            "SELECT * FROM skill WHERE name = $1 AND sha256 = $2 ORDER BY version DESC LIMIT 1",
            new.name,
            new.sha256,
        )
        if known is not None and known["status"] == SkillStatus.RETIRED:
            raise SkillRetired(
                f"version {known['version']} of {new.name} was this very content; it is retired: "
                f"{known['reason']}",
                current={"version": known["version"], "status": known["status"]},
            )
        if known is not None:
            return _skill_of(known)
        row = await _inserted(caller, new)
    caller.announce("skill.registered", row["id"])
    return _skill_of(row)


async def _inserted(caller: Caller, new: NewSkill) -> Row:
    if new.artifact_id is not None and not await caller.db.row(
        "SELECT 1 FROM artifact WHERE id = $1", new.artifact_id
    ):
        raise ValidationFailed(
            "artifact_id: there is no such artifact",
            errors=[{"path": "artifact_id", "message": "there is no such artifact"}],
        )
    row = await caller.db.row(
        _REGISTER, new.name, new.description, new.sha256, new.artifact_id, caller.name, caller.traceparent
    )
    if row is None:
        raise LookupError("an insert without a row")
    return row


async def note_use(caller: Caller, name: str, use: SkillUse) -> Skill:
    """Counts a use; a version that failed too often in a row is retired.

    Raises:
        SkillNotFound: there is no such version.
    """
    async with caller.db.joined():
        await _allow(caller, use)
        row = await caller.db.row(_USE, name, use.version, use.succeeded, caller.name, caller.traceparent)
    if row is None:
        raise _missing(name, use.version)
    skill = _skill_of(row)
    if skill.status is SkillStatus.RETIRED:
        caller.announce("skill.retired", skill.id)
    return skill


async def retire(caller: Caller, name: str, wish: RetireSkill) -> list[Skill]:
    """Takes a version, or all, out of use; what is retired already stays as it is.

    Raises:
        SkillNotFound: there is no such skill or version.
    """
    caller.need()
    rows = await caller.db.rows(_RETIRE, name, wish.version, wish.reason, caller.name, caller.traceparent)
    if not rows:
        await get_skill(caller.db, name, wish.version, retired=True)
    for row in rows:
        caller.announce("skill.retired", row["id"])
    return [_skill_of(row) for row in rows]


async def get_skill(db: LedgerEngine, name: str, version: int | None, *, retired: bool = False) -> Skill:
    """One version; without `version`, the newest that is in use, or with `retired` the newest.

    Raises:
        SkillNotFound: there is none.
    """
    row = await db.row(
        "SELECT * FROM skill WHERE name = $1 AND (version = $2 OR ($2::int IS NULL "
        "AND ($3 OR status = 'registered'))) ORDER BY version DESC LIMIT 1",
        name,
        version,
        retired,
    )
    if row is None:
        raise _missing(name, version)
    return _skill_of(row)


async def list_skills(
    db: LedgerEngine, *, name: str | None, status: SkillStatus | None, limit: int, cursor: str | None
) -> Page[Skill]:
    """Versions by name, the newest first."""
    place = (None, 0) if cursor is None else place_of(cursor, tuple[str, int])
    rows = await db.rows(_LIST, name, None if status is None else str(status), *place, limit + 1)
    skills = [_skill_of(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items=skills, next=cursor_of((skills[-1].name, skills[-1].version)) if more else None)


def _missing(name: str, version: int | None) -> SkillNotFound:
    which = "no version in use" if version is None else f"no version {version}"
    return SkillNotFound(f"there is {which} of a skill called {name[:100]!r}")
