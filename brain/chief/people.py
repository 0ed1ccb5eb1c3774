"""Who the chief talks with: name, time zone and language, as the ledger knows them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from agentops import AgentOpsClient, AgentOpsError
from agentops.wire import Person, Role
from brain.chief.work import OWNER

_KNOWN_S = 30.0
_UNSET_ZONE = "UTC"
"""What the ledger gives whoever never said where they live; then this machine's clock is the better guess."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Profile:
    """Somebody, as far as they are known."""

    key: str = OWNER
    """What their facts are kept by: the owners share theirs, as they share the session."""
    id: str | None = None
    """Of the ledger's person; None: nobody was made known."""
    name: str = ""
    zone: ZoneInfo | None = None
    """None: this machine's."""
    language: str = ""
    """BCP 47; empty: unknown."""

    def local(self, now: datetime) -> datetime:
        """A moment by the person's clock."""
        return now.astimezone(self.zone) if self.zone else now


class People:
    """Asks the ledger who is who, and remembers it for half a minute."""

    def __init__(self, ops: AgentOpsClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ops = ops
        self._clock = clock
        self._until = 0.0
        self._known: list[Person] = []

    async def all(self) -> list[Person]:
        """Everybody, the first who came first.

        Raises:
            AgentOpsError: The ledger does not say, or not now.
        """
        if self._clock() >= self._until:
            self._known = await self._ops.list_people()
            self._until = self._clock() + _KNOWN_S
        return self._known

    async def profile(self, person_id: str, role: str) -> Profile:
        """Who says this. When the ledger is away, whoever was known, else nobody in particular."""
        try:
            known = await self.all()
        except AgentOpsError as away:
            log.warning("people.unknown", code=away.code)
            known = self._known
        person = next((one for one in known if one.id == person_id), None)
        if person is None and role == OWNER:
            person = next((one for one in known if one.role is Role.OWNER), None)
        key = OWNER if role == OWNER else person_id
        return Profile(key=key) if person is None else _profile(person, key)

    def forget(self) -> None:
        """Ask anew: somebody changed."""
        self._until = 0.0


def _profile(person: Person, key: str) -> Profile:
    return Profile(
        key=key, id=person.id, name=person.name, zone=_zone(person.time_zone), language=person.language
    )


def _zone(name: str) -> ZoneInfo | None:
    if name == _UNSET_ZONE:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
