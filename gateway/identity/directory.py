"""People as the gateway knows them: asked of the ledger, remembered for moments."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from agentops import AgentOpsClient
from agentops.wire import Person, PersonId, Preferences, Role
from gateway.identity.rights import Right, may
from gateway.identity.sessions import person_of, session_of
from gateway.session.turns import SessionId

KNOWN_S = 10.0
"""How long a change of role may take to be noticed."""
AHEAD_S = 5.0
"""Who speaks when less is left of that is looked up beside, so that a conversation never waits for it."""
STRANGER_S = 1.0
"""Who was just let in shall not wait; who writes without being known shall not make the ledger work."""
_REMEMBERED = 10_000

_Address = tuple[str, str]
"""Channel and address."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A known person, where their conversation is, and what they may do."""

    person: Person
    session_id: SessionId

    @property
    def role(self) -> Role:
        """As the ledger has it."""
        return self.person.role

    def may(self, right: Right) -> bool:
        """Whether they have the right."""
        return may(self.role, right)


class Directory:
    """Finds people. Every question goes to the ledger when the answer in memory is too old."""

    def __init__(
        self, ops: AgentOpsClient, main: SessionId, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing is asked before the first question.

        Args:
            ops: With a key that may read people.
            main: The owners' session.
            clock: In seconds.
        """
        self._ops = ops
        self._main = main
        self._clock = clock
        self._found: dict[_Address, tuple[float, Standing | None]] = {}
        self._asked: dict[_Address, asyncio.Task[Standing | None]] = {}
        self._preferences: dict[PersonId, tuple[float, Preferences]] = {}
        self._people: tuple[float, list[Person]] | None = None

    async def find(self, channel: str, address: str) -> Standing | None:
        """Who speaks from this address; None is a stranger. Only proven addresses count.

        Raises:
            AgentOpsError: The ledger does not say, or not now; then nobody is known.
        """
        key = (channel, address)
        until, standing = self._found.get(key, (0.0, None))
        left_s = until - self._clock()
        if left_s <= 0:
            return await asyncio.shield(self._asking(key))
        if standing is not None and left_s <= AHEAD_S:
            self._asking(key)
        return standing

    def _asking(self, key: _Address) -> "asyncio.Task[Standing | None]":
        """The question that is under way for this address; one for all who wait for its answer."""
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = asyncio.create_task(self._ask(key), name="directory")
            asked.add_done_callback(_seen)
        return asked

    async def _ask(self, key: _Address) -> Standing | None:
        this = asyncio.current_task()
        try:
            person = await self._ops.find_person(*key)
            standing = None if person is None else Standing(person, session_of(person, self._main))
            if self._asked.get(key) is this:  # else `forget` came between: the answer may be older than that
                self._keep(key, standing)
            return standing
        finally:
            if self._asked.get(key) is this:
                del self._asked[key]

    def _keep(self, key: _Address, standing: Standing | None) -> None:
        if len(self._found) >= _REMEMBERED:
            self._found.clear()
        self._found[key] = (self._clock() + (STRANGER_S if standing is None else KNOWN_S), standing)

    async def people(self) -> list[Person]:
        """Everybody, the first who came first.

        Raises:
            AgentOpsError: The ledger does not say, or not now.
        """
        if self._people is None or self._clock() >= self._people[0]:
            self._people = (self._clock() + KNOWN_S, await self._ops.list_people())
        return self._people[1]

    async def owners(self) -> list[Person]:
        """Who decides, the first one first; empty until somebody was paired."""
        return [person for person in await self.people() if person.role is Role.OWNER]

    async def behind(self, session: SessionId) -> Person | None:
        """Whose session this is: for the main one the first owner; None for a group's."""
        if session == self._main:
            return next(iter(await self.owners()), None)
        wanted = person_of(session)
        return next((person for person in await self.people() if person.id == wanted), None)

    async def preferences(self, person: PersonId) -> Preferences:
        """How somebody wants to hear of things.

        Raises:
            AgentOpsError: The ledger does not say, or not now.
        """
        known = self._preferences.get(person)
        if known is None or self._clock() >= known[0]:
            fresh = await self._ops.get_preferences(person)
            known = self._preferences[person] = (self._clock() + KNOWN_S, fresh)
        return known[1]

    def session_of(self, person: Person) -> SessionId:
        """Their own session."""
        return session_of(person, self._main)

    def forget(self) -> None:
        """Ask anew from now on: somebody was let in, or changed."""
        self._found.clear()
        self._asked.clear()
        self._preferences.clear()
        self._people = None


def _seen(asked: "asyncio.Task[Standing | None]") -> None:
    """Whoever waited for it has its error too; when nobody did, the next one asks again."""
    if not asked.cancelled():
        asked.exception()
