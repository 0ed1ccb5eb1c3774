"""People and where they are reached. An address belongs to one person, whoever writes it down first."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

import asyncpg
import msgspec
from msgspec import UNSET

from agentops.wire import Contact, NewContact, NewPerson, Person, PersonPatch, Scope
from ledger.caller import Caller
from ledger.engine import Row
from ledger.errors import ContactTaken, NotFound, PersonNotFound, ValidationFailed
from ledger.events.telling import tell
from ledger.people.preferences import CALM

_CONTACTS = """COALESCE((SELECT jsonb_agg(to_jsonb(c) ORDER BY c.channel, c.address) FROM contact c
    WHERE c.person_id = person.id), '[]') AS contacts"""
_PERSON = "jsonb_build_object('name', person.name, 'role', person.role)"


def _of_person(kind: str, actor: str, trace: str) -> str:
    return tell(f"'{kind}'", "person", "person.id", actor, trace, "person", _PERSON)


def _of_contact(kind: str, actor: str, trace: str) -> str:
    about = "jsonb_build_object('contact_id', contact.id, 'channel', contact.channel)"
    return tell(f"'{kind}'", "person", "contact.person_id", actor, trace, "contact", about)


_CREATE = f"""
WITH person AS (
    INSERT INTO person (name, role, time_zone, language) VALUES ($1, $2, $3, $4) RETURNING *
), calm AS (
    INSERT INTO preference (person_id, rules, digest_at) SELECT id, $7, $8 FROM person
), told AS ({_of_person("person.created", "$5", "$6")})
SELECT person.*, '[]'::jsonb AS contacts FROM person
"""  # noqa: S608

_UPDATE = f"""
WITH person AS (
    UPDATE person p SET name = COALESCE($2, p.name), role = COALESCE($3, p.role),
        time_zone = COALESCE($4, p.time_zone), language = COALESCE($5, p.language)
    WHERE p.id = $1 RETURNING p.*
), told AS ({_of_person("person.updated", "$6", "$7")})
SELECT person.*, {_CONTACTS} FROM person
"""  # noqa: S608

_DELETE = f"""
WITH person AS (DELETE FROM person p WHERE p.id = $1 RETURNING p.*),
told AS ({_of_person("person.deleted", "$2", "$3")})
SELECT id FROM person
"""  # noqa: S608

_FIND = f"""SELECT person.*, {_CONTACTS} FROM person
WHERE ($1::text IS NULL AND $2::text IS NULL AND NOT $3::bool) OR EXISTS (
    SELECT 1 FROM contact k WHERE k.person_id = person.id AND ($1::text IS NULL OR k.channel = $1)
        AND ($2::text IS NULL OR k.address = $2) AND (NOT $3 OR k.verified_at IS NOT NULL))
ORDER BY created_at, id LIMIT 1000
"""  # noqa: S608

# The conflict's WHERE leaves another person's contact alone, and then no row comes back.
_ADD_CONTACT = f"""
WITH contact AS (
    INSERT INTO contact AS k (person_id, channel, address, label, verified_at)
    VALUES ($1, $2, $3, $4, CASE WHEN $5 THEN statement_timestamp() END)
    ON CONFLICT (channel, address) DO UPDATE SET label = COALESCE(NULLIF(EXCLUDED.label, ''), k.label),
        verified_at = COALESCE(k.verified_at, EXCLUDED.verified_at)
    WHERE k.person_id = EXCLUDED.person_id
    RETURNING k.*
), told AS ({_of_contact("contact.added", "$6", "$7")})
SELECT contact.* FROM contact
"""  # noqa: S608

_REMOVE_CONTACT = f"""
WITH contact AS (DELETE FROM contact k WHERE k.id = $1 RETURNING k.*),
told AS ({_of_contact("contact.removed", "$2", "$3")})
SELECT id FROM contact
"""  # noqa: S608

_LIST_CONTACTS = """SELECT * FROM contact
WHERE ($1::text IS NULL OR channel = $1) AND ($2::text IS NULL OR address = $2)
ORDER BY channel, address LIMIT 1000"""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() | {"UTC"})


def _known_zone(name: str | None) -> None:
    if name is not None and name not in _zones():
        raise ValidationFailed(
            f"time_zone: {name!r} is no name of the IANA database; write one such as Europe/Paris",
            errors=[{"path": "time_zone", "message": "no known time zone"}],
        )


def person_of(row: Row) -> Person:
    """A row of the table person with its `contacts`."""
    return msgspec.convert({name: row[name] for name in Person.__struct_fields__}, Person)


def contact_of(row: Row) -> Contact:
    """A row of the table contact."""
    return msgspec.convert({name: row[name] for name in Contact.__struct_fields__}, Contact)


async def create_person(caller: Caller, new: NewPerson) -> Person:
    """Makes a person known, with calm preferences.

    Raises:
        ValidationFailed: there is no such time zone.
    """
    caller.need()
    _known_zone(new.time_zone)
    row = await caller.db.row(
        _CREATE, new.name, str(new.role), new.time_zone, new.language, caller.name, caller.traceparent,
        dict(CALM.rules), CALM.digest_at,
    )  # fmt: skip
    if row is None:
        raise LookupError("an insert without a row")
    caller.announce("person.created", row["id"])
    return person_of(row)


async def get_person(caller: Caller, person_id: str) -> Person:
    """One person.

    Raises:
        PersonNotFound: there is none with this id.
    """
    caller.need(Scope.READER)
    row = await caller.db.row(f"SELECT person.*, {_CONTACTS} FROM person WHERE id = $1", person_id)  # noqa: S608
    if row is None:
        raise PersonNotFound(f"no person has the id {person_id}")
    return person_of(row)


async def list_people(
    caller: Caller, *, channel: str | None, address: str | None, verified: bool
) -> list[Person]:
    """People in the order in which they came; with `channel` or `address`, those reached there."""
    caller.need(Scope.READER)
    return [person_of(row) for row in await caller.db.rows(_FIND, channel, address, verified)]


async def update_person(caller: Caller, person_id: str, patch: PersonPatch) -> Person:
    """Changes what the patch names.

    Raises:
        PersonNotFound: there is none with this id.
        ValidationFailed: there is no such time zone.
    """
    caller.need()
    changes: list[Any] = [
        None if value is UNSET else value
        for value in (patch.name, patch.role, patch.time_zone, patch.language)
    ]
    _known_zone(changes[2])
    if not any(changes):
        return await get_person(caller, person_id)
    row = await caller.db.row(_UPDATE, person_id, *changes, caller.name, caller.traceparent)
    if row is None:
        raise PersonNotFound(f"no person has the id {person_id}")
    caller.announce("person.updated", person_id)
    return person_of(row)


async def delete_person(caller: Caller, person_id: str) -> None:
    """Forgets a person, with contacts and preferences; the log keeps the name.

    Raises:
        PersonNotFound: there is none with this id.
    """
    caller.need()
    if not await caller.db.rows(_DELETE, person_id, caller.name, caller.traceparent):
        raise PersonNotFound(f"no person has the id {person_id}")
    caller.announce("person.deleted", person_id)


async def add_contact(caller: Caller, person_id: str, new: NewContact) -> Contact:
    """Writes an address down; again with `verified`, it is proven.

    Raises:
        PersonNotFound: there is none with this id.
        ContactTaken: it is another person's.
    """
    caller.need()
    try:
        row = await caller.db.row(
            _ADD_CONTACT, person_id, new.channel, new.address, new.label, new.verified,
            caller.name, caller.traceparent,
        )  # fmt: skip
    except asyncpg.ForeignKeyViolationError as error:
        raise PersonNotFound(f"no person has the id {person_id}") from error
    if row is None:
        await get_person(caller, person_id)
        raise ContactTaken(f"this address on {new.channel} is another person's; remove it there first")
    caller.announce("contact.added", person_id)
    return contact_of(row)


async def remove_contact(caller: Caller, contact_id: str) -> None:
    """Forgets an address.

    Raises:
        NotFound: there is none with this id.
    """
    caller.need()
    if not await caller.db.rows(_REMOVE_CONTACT, contact_id, caller.name, caller.traceparent):
        raise NotFound(f"no contact has the id {contact_id}")
    caller.announce("contact.removed", contact_id)


async def list_contacts(caller: Caller, *, channel: str | None, address: str | None) -> list[Contact]:
    """Contacts, by channel and address."""
    caller.need(Scope.READER)
    return [contact_of(row) for row in await caller.db.rows(_LIST_CONTACTS, channel, address)]
