"""How a person wants to hear of things."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import UNSET

from agentops.wire import CALM_RULES, Attention, Preferences, PreferencesPatch, Scope
from ledger.caller import Caller
from ledger.engine import Row
from ledger.errors import PersonNotFound, ValidationFailed, VersionConflict
from ledger.events.telling import tell


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a new person begins with."""

    rules: dict[str, Attention] = field(default_factory=dict)
    digest_at: str = "08:00"


CALM = Defaults(rules=dict(CALM_RULES))
"""Only what waits for the person makes a sound."""

_PATCHABLE = (
    "rules", "channels", "quiet_from", "quiet_to", "digest_at", "brief_at", "escalate_after_s",
    "voice_replies",
)  # fmt: skip
_GET = "SELECT * FROM preference WHERE person_id = $1"
_SAVE = f"""
WITH preference AS (
    UPDATE preference p SET rules = $2, channels = $3, quiet_from = $4, quiet_to = $5, digest_at = $6,
        brief_at = $7, escalate_after_s = $8, voice_replies = $9, version = p.version + 1
    WHERE p.person_id = $1 RETURNING p.*
), told AS ({
    tell(
        "'preferences.updated'",
        "person",
        "preference.person_id",
        "$10",
        "$11",
        "preference",
        "jsonb_build_object('version', preference.version)",
    )
})
SELECT preference.* FROM preference
"""  # noqa: S608


def _of(row: Row) -> Preferences:
    return msgspec.convert({name: row[name] for name in Preferences.__struct_fields__}, Preferences)


async def get_preferences(caller: Caller, person_id: str, *, lock: bool = False) -> Preferences:
    """How this person wants to hear of things.

    Raises:
        PersonNotFound: there is none with this id.
    """
    caller.need(Scope.READER)
    row = await caller.db.row(_GET + (" FOR UPDATE" if lock else ""), person_id)
    if row is None:
        raise PersonNotFound(f"no person has the id {person_id}")
    return _of(row)


async def update_preferences(caller: Caller, person_id: str, patch: PreferencesPatch) -> Preferences:
    """Changes what the patch names; an empty patch changes nothing.

    Raises:
        PersonNotFound: there is none with this id.
        VersionConflict: the patch names a version, and there is a newer one.
        ValidationFailed: quiet hours without a beginning or an end.
    """
    caller.need()
    changes: dict[str, Any] = {
        name: getattr(patch, name) for name in _PATCHABLE if getattr(patch, name) is not UNSET
    }
    async with caller.db.joined():
        present = await get_preferences(caller, person_id, lock=True)
        if patch.version not in (UNSET, present.version):
            raise VersionConflict(
                f"the preferences have version {present.version}, not {patch.version}",
                current={"version": present.version},
            )
        wanted = msgspec.structs.replace(present, **changes)
        if (wanted.quiet_from is None) != (wanted.quiet_to is None):
            raise ValidationFailed(
                "quiet_from and quiet_to: set both, or neither",
                errors=[{"path": "quiet_to", "message": "goes with quiet_from"}],
            )
        if wanted == present:
            return present
        values = [getattr(wanted, name) for name in _PATCHABLE]
        row = await caller.db.row(_SAVE, person_id, *values, caller.name, caller.traceparent)
    if row is None:
        raise LookupError("a locked row that cannot be updated")
    caller.announce("preferences.updated", person_id)
    return _of(row)
