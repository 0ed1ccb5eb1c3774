"""How a stranger is let in: they get a code, tell it to the owner, and the owner approves it.

Decisions on one channel are taken one after the other, under an advisory lock: three pairings wait at
most, and of two first approvals one makes the owner.
"""

import secrets
from typing import Any

import msgspec

from agentops.wire import (
    ApprovePairing,
    NewContact,
    NewPairing,
    NewPerson,
    Pairing,
    PairingStatus,
    Person,
    PersonPatch,
    Role,
    Scope,
)
from ledger.caller import Caller
from ledger.engine import Row
from ledger.errors import ContactTaken, PairingClosed, PairingNotFound, TooManyPairings
from ledger.events.telling import tell
from ledger.ids import checked
from ledger.people import people

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0 and O, 1 and I: codes are read aloud."""
CODE_LENGTH = 8
MAX_WAITING = 3
LIFE_S = 3600
KEEP_DAYS = 30
_LOCK = "SELECT pg_advisory_xact_lock(7306004512874)"

_STATUS = "CASE WHEN status = 'pending' AND expires_at <= now() THEN 'expired' ELSE status END"
_COLUMNS = f"id, code, channel, address, display_name, {_STATUS} AS status, expires_at, created_at"
_WAITING = f"""SELECT {_COLUMNS} FROM pairing
    WHERE channel = $1 AND status = 'pending' AND expires_at > now()"""  # noqa: S608
_OWNED = "SELECT 1 FROM contact WHERE channel = $1 AND address = $2 AND verified_at IS NOT NULL"
_ABOUT = "jsonb_build_object('channel', pairing.channel, 'display_name', pairing.display_name)"

_ASK = f"""
WITH swept AS (
    DELETE FROM pairing WHERE created_at < now() - make_interval(days => {KEEP_DAYS})
), pairing AS (
    INSERT INTO pairing (code, channel, address, display_name, expires_at)
    VALUES ($1, $2, $3, $4, now() + make_interval(secs => {LIFE_S})) RETURNING *
), told AS ({tell("'pairing.created'", "pairing", "pairing.id", "$5", "$6", "pairing", _ABOUT)})
SELECT {_COLUMNS} FROM pairing
"""  # noqa: S608

_REJECT = f"""
WITH pairing AS (UPDATE pairing p SET status = 'rejected' WHERE p.id = $1 RETURNING p.*),
told AS ({tell("'pairing.rejected'", "pairing", "pairing.id", "$2", "$3", "pairing", _ABOUT)})
SELECT {_COLUMNS} FROM pairing
"""  # noqa: S608

_APPROVE = f"""
WITH pairing AS (UPDATE pairing p SET status = 'approved' WHERE p.id = $1 RETURNING p.*),
told AS ({
    tell(
        "'person.paired'",
        "person",
        "$2::uuid",
        "$3",
        "$4",
        "pairing",
        f"{_ABOUT} || jsonb_build_object('pairing_id', pairing.id)",
    )
})
SELECT id FROM pairing
"""  # noqa: S608


def _pairing_of(row: Row) -> Pairing:
    return msgspec.convert({name: row[name] for name in Pairing.__struct_fields__}, Pairing)


def new_code() -> str:
    """Forty random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


async def ask(caller: Caller, new: NewPairing) -> Pairing:
    """Gives a stranger a code; who waits already gets the same one.

    Raises:
        TooManyPairings: enough strangers wait on this channel.
        ContactTaken: the address is a known person's.
    """
    caller.need()
    async with caller.db.joined():
        await caller.db.rows(_LOCK)
        if await caller.db.row(_OWNED, new.channel, new.address):
            raise ContactTaken(f"this address on {new.channel} is a known person's; no pairing is needed")
        waiting = await caller.db.rows(_WAITING, new.channel)
        for row in waiting:
            if row["address"] == new.address:
                return _pairing_of(row)
        if len(waiting) >= MAX_WAITING:
            raise TooManyPairings(
                f"{len(waiting)} pairings wait on {new.channel}; approve or reject one, or wait an hour"
            )
        row = await _inserted(caller, new)
    caller.announce("pairing.created", row["id"])
    return _pairing_of(row)


async def _inserted(caller: Caller, new: NewPairing) -> Row:
    row = await caller.db.row(
        _ASK, new_code(), new.channel, new.address, new.display_name, caller.name, caller.traceparent
    )
    if row is None:
        raise LookupError("an insert without a row")
    return row


async def list_pairings(caller: Caller, *, status: PairingStatus | None, limit: int) -> list[Pairing]:
    """Pairings, newest first."""
    caller.need(Scope.READER)
    rows = await caller.db.rows(
        f"SELECT * FROM (SELECT {_COLUMNS} FROM pairing) p WHERE $1::text IS NULL OR status = $1 "  # noqa: S608
        "ORDER BY created_at DESC, id LIMIT $2",
        None if status is None else str(status),
        limit,
    )
    return [_pairing_of(row) for row in rows]


async def _decidable(caller: Caller, code: str) -> Row:
    """The pairing that waits under this code; spaces, dashes and small letters do not matter.

    Raises:
        PairingNotFound: nobody was given this code.
        PairingClosed: it was decided already, or ran out.
    """
    await caller.db.rows(_LOCK)
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    row = await caller.db.row(f"SELECT {_COLUMNS} FROM pairing WHERE code = $1", plain)  # noqa: S608
    if row is None:
        raise PairingNotFound("nobody was given this code; read it again from the stranger's message")
    if row["status"] != PairingStatus.PENDING:
        raise PairingClosed(f"this pairing is {row['status']} already", current={"status": row["status"]})
    return row


async def reject(caller: Caller, code: str) -> Pairing:
    """Sends a stranger away.

    Raises:
        PairingNotFound: nobody was given this code.
        PairingClosed: it was decided already, or ran out.
    """
    caller.need()
    async with caller.db.joined():
        found = await _decidable(caller, code)
        row = await caller.db.row(_REJECT, found["id"], caller.name, caller.traceparent)
    if row is None:
        raise LookupError("a locked row that cannot be updated")
    caller.announce("pairing.rejected", row["id"])
    return _pairing_of(row)


async def approve(caller: Caller, approval: ApprovePairing) -> Person:
    """Lets a stranger in: their address, proven, becomes that of a new person or of the one named.

    Raises:
        PairingNotFound: nobody was given this code.
        PairingClosed: it was decided already, or ran out.
        PersonNotFound: there is no such person.
        ContactTaken: the address is another person's.
    """
    caller.need()
    checked([approval.person_id], "person_id")
    async with caller.db.joined():
        pairing = await _decidable(caller, approval.code)
        person = await _whose(caller, approval, pairing)
        contact = NewContact(
            channel=pairing["channel"],
            address=pairing["address"],
            verified=True,
            label=pairing["display_name"],
        )
        await people.add_contact(caller, person.id, contact)
        await caller.db.rows(_APPROVE, pairing["id"], person.id, caller.name, caller.traceparent)
        person = await people.get_person(caller, person.id)
    caller.announce("person.paired", person.id)
    return person


async def _whose(caller: Caller, approval: ApprovePairing, pairing: Any) -> Person:
    """The person that the address is given to, in the role that was said or is due."""
    owned = await caller.db.row("SELECT 1 FROM person WHERE role = 'owner' LIMIT 1")
    role = approval.role or (None if owned else Role.OWNER)
    person_id = approval.person_id or await _known_by(caller, pairing)
    if person_id is None:
        name = pairing["display_name"].strip()[:200] or f"Someone on {pairing['channel']}"
        return await people.create_person(caller, NewPerson(name=name, role=role or Role.MEMBER))
    patch = PersonPatch() if role is None else PersonPatch(role=role)
    return await people.update_person(caller, person_id, patch)


async def _known_by(caller: Caller, pairing: Any) -> str | None:
    """Somebody wrote this address down before: it is theirs, and proven now."""
    row = await caller.db.row(
        "SELECT person_id FROM contact WHERE channel = $1 AND address = $2",
        pairing["channel"],
        pairing["address"],
    )
    return None if row is None else str(row["person_id"])
