"""Who hears of a session's news, how, and on which channel."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from agentops.wire import Contact, Person, PersonId, Preferences
from gateway.identity.directory import Directory
from gateway.notify.planning import NOBODY
from gateway.notify.times import zone_of
from gateway.session.stream import SessionStream
from gateway.session.turns import SessionId

WEB = "web"
"""A browser fetches what it is told; there is nothing to send to."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to tell, in their session."""

    session_id: SessionId
    person: Person | None
    """None: nobody in particular, such as a group, or an installation that has let nobody in yet."""
    preferences: Preferences
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Route:
    """Where a notice goes; without a channel, to where the session last spoke."""

    channel: str | None = None
    address: str | None = None


class Audience:
    """Finds recipients and their channels."""

    def __init__(self, directory: Directory, stream: SessionStream) -> None:
        self._directory = directory
        self._stream = stream

    async def of(self, session: SessionId) -> Recipient:
        """Whoever hears of this session.

        Raises:
            AgentOpsError: The ledger does not say, or not now.
        """
        person = await self._directory.behind(session)
        return await self._recipient(person, session)

    async def beside(self, recipient: Recipient) -> Recipient | None:
        """Who is asked when this person does not answer: the next owner; None when there is none."""
        others = [one for one in await self._directory.owners() if one != recipient.person]
        if not others or recipient.person is None:
            return None
        return await self._recipient(others[0], self._directory.session_of(others[0]))

    async def people(self) -> AsyncGenerator[Recipient]:
        """Everybody, in their own sessions."""
        for one in await self._directory.people():
            yield await self._recipient(one, self._directory.session_of(one))

    async def person(self, wanted: PersonId) -> Recipient | None:
        """Somebody in their own session; None for one who is not known any more."""
        found = next((one for one in await self._directory.people() if one.id == wanted), None)
        return None if found is None else await self._recipient(found, self._directory.session_of(found))

    async def route(self, recipient: Recipient) -> Route:
        """The first channel of the person's liking that reaches them."""
        known = await self._stream.addresses(recipient.session_id)
        proven = {one.channel: one.address for one in _contacts(recipient) if one.verified_at is not None}
        last = known.last_channel
        wanted = recipient.preferences.channels
        carried = await self._stream.carried()
        for channel in wanted or ([] if last else sorted(proven)):
            # An owner's session is shared, so the person's own address comes before the last one heard.
            address = proven.get(channel) or known.by_channel.get(channel)
            if channel == WEB or (address and channel in carried):
                return Route(channel, address)
        return Route()

    async def _recipient(self, person: Person | None, session: SessionId) -> Recipient:
        if person is None:
            return Recipient(session, None, NOBODY, ZoneInfo("UTC"))
        preferences = await self._directory.preferences(person.id)
        return Recipient(session, person, preferences, zone_of(person.time_zone))


def proven_number(recipient: Recipient) -> str | None:
    """Where this person's telephone rings; None when no number of theirs is proven."""
    proven = [one for one in _contacts(recipient) if one.channel == "phone" and one.verified_at]
    return proven[0].address if proven else None


def _contacts(recipient: Recipient) -> list[Contact]:
    return [] if recipient.person is None else recipient.person.contacts
