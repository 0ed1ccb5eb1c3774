"""Which conversation belongs to whom. Pure."""

from agentops.wire import Person, PersonId, Role
from gateway.session.turns import SessionId

_PREFIXES = {Role.MEMBER: "person-", Role.GUEST: "guest-"}


def session_of(person: Person, main: SessionId) -> SessionId:
    """A person's own session: the main one for owners, who share it over all their channels."""
    prefix = _PREFIXES.get(person.role)
    return main if prefix is None else SessionId(f"{prefix}{person.id}")


def person_of(session: SessionId) -> PersonId | None:
    """Whose session it is, by its name; None for the main one and for those of groups."""
    for prefix in _PREFIXES.values():
        if session.startswith(prefix):
            return PersonId(session.removeprefix(prefix))
    return None
