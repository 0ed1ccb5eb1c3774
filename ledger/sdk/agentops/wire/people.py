"""People: who may talk, where they are reached, and how they want to hear of things."""

from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, NewType

from msgspec import UNSET, Meta, UnsetType

from agentops.wire.base import Line, Name, Request, Response, Slug

PersonId = NewType("PersonId", str)
ContactId = NewType("ContactId", str)
PairingId = NewType("PairingId", str)

Address = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
TimeZone = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z][A-Za-z0-9_+/-]*$")]
"""A name of the IANA database, such as `Europe/Paris`."""
Language = Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""BCP 47, such as `en` or `pt-BR`."""
ClockTime = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""Local to the person: `22:00`."""
EventPattern = Annotated[str, Meta(max_length=50, pattern=r"^([a-z][a-z_.]{0,48}\*?|\*)$")]
"""An event type, or the beginning of some: `task.completed`, `task.*`, `*`."""


class Role(StrEnum):
    """`OWNER` decides; `MEMBER` asks for work; `GUEST` may talk and no more."""

    OWNER = "owner"
    MEMBER = "member"
    GUEST = "guest"


class Attention(StrEnum):
    """How an event reaches a person: at once with a sound, at once without, in the digest, never."""

    RING = "ring"
    SILENT = "silent"
    DIGEST = "digest"
    OFF = "off"


class PairingStatus(StrEnum):
    """A pairing is decided once, within its hour."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


class NewPerson(Request, frozen=True):
    name: Name
    role: Role = Role.MEMBER
    time_zone: TimeZone = "UTC"
    language: Language = "en"


class PersonPatch(Request, frozen=True):
    name: Name | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    language: Language | UnsetType = UNSET


class Contact(Response, frozen=True):
    """Where a person is reached; one address belongs to one person."""

    id: ContactId
    person_id: PersonId
    channel: str
    address: str
    label: str
    verified_at: datetime | None
    """When the person proved that it is theirs; None: somebody wrote it down."""


class Person(Response, frozen=True):
    id: PersonId
    name: str
    role: Role
    time_zone: str
    language: str
    contacts: list[Contact]
    created_at: datetime


class NewContact(Request, frozen=True):
    channel: Slug
    """`telegram`, `phone`, `web`, …"""
    address: Address
    """As the channel names it: a chat's id, a number in E.164."""
    verified: bool = False
    label: Line = ""


class NewPairing(Request, frozen=True):
    """A stranger asks to be let in."""

    channel: Slug
    address: Address
    display_name: Line = ""


class Pairing(Response, frozen=True):
    id: PairingId
    code: str
    """Eight characters, none of them 0, O, 1 or I; the stranger tells it to the owner."""
    channel: str
    address: str
    display_name: str
    status: PairingStatus
    expires_at: datetime
    created_at: datetime


class ApprovePairing(Request, frozen=True):
    code: Line
    person_id: PersonId | None = None
    """Whose address it is; None makes a new person."""
    role: Role | None = None
    """None: owner for the first who is let in, else member; someone known keeps theirs."""


class RejectPairing(Request, frozen=True):
    code: Line


CALM_RULES: Final = MappingProxyType(
    {
        "task.blocked": Attention.RING,
        "budget.*": Attention.RING,
        "task.completed": Attention.SILENT,
        "task.failed": Attention.SILENT,
        "agent.offline": Attention.DIGEST,
        "*": Attention.OFF,
    }
)
"""What whoever said nothing hears of: only what waits for the person makes a sound."""


LATE: Final = "task.overdue"
"""What rules call a task whose date has passed. No event of the ledger's: nothing happens then."""


class Preferences(Response, frozen=True):
    person_id: PersonId
    rules: dict[str, Attention]
    """By event type or pattern; `attention` says which one counts."""
    channels: list[str]
    """Where to reach the person, best first; empty: where they last spoke."""
    quiet_from: str | None
    """From this local time on, until `quiet_to`, nothing rings."""
    quiet_to: str | None
    digest_at: str | None
    """When what waits for the digest is told."""
    brief_at: str | None
    """When the day's brief is given; None: only when asked for."""
    escalate_after_s: int | None
    """What rang and was not answered goes to the next channel after so long; None: never."""
    voice_replies: bool
    """Answer a voice note with a voice note."""
    version: int

    def attention(self, event_type: str) -> Attention:
        """How an event of this type reaches the person: the longest pattern that fits decides."""
        fitting = [pattern for pattern in self.rules if _fits(event_type, pattern)]
        return self.rules[max(fitting, key=_weight)] if fitting else Attention.OFF

    def attention_to(self, kind: str) -> Attention:
        """How news of this kind reaches the person: some has a way of its own until a rule names it.

        Args:
            kind: An event's type, or `LATE`.
        """
        if kind in self.rules or f"{kind.partition('.')[0]}.*" in self.rules:
            return self.attention(kind)
        return _OWN_WAYS.get(kind) or self.attention(_LIKE.get(kind, kind))


_LIKE: Final = MappingProxyType({"gate.opened": "task.blocked"})
"""An approval is one more way of being blocked."""
_OWN_WAYS: Final = MappingProxyType(
    {
        # Somebody asked for these words at this time, so only a rule about them keeps them away.
        "schedule.fired": Attention.RING,
        "person.paired": Attention.SILENT,
        LATE: Attention.SILENT,
    }
)


def _fits(event_type: str, pattern: str) -> bool:
    return event_type.startswith(pattern[:-1]) if pattern.endswith("*") else event_type == pattern


def _weight(pattern: str) -> tuple[bool, int]:
    return not pattern.endswith("*"), len(pattern)


class PreferencesPatch(Request, frozen=True):
    rules: Annotated[dict[EventPattern, Attention], Meta(max_length=100)] | UnsetType = UNSET
    """Replaces all rules."""
    channels: Annotated[list[Slug], Meta(max_length=20)] | UnsetType = UNSET
    quiet_from: ClockTime | UnsetType | None = UNSET
    quiet_to: ClockTime | UnsetType | None = UNSET
    digest_at: ClockTime | UnsetType | None = UNSET
    brief_at: ClockTime | UnsetType | None = UNSET
    escalate_after_s: Annotated[int, Meta(ge=10, le=86_400)] | UnsetType | None = UNSET
    voice_replies: bool | UnsetType = UNSET
    version: int | UnsetType = UNSET
    """The version that the caller saw; a newer one in the ledger answers `version_conflict`."""
