"""Who may talk to the bot, and as whom. Nobody may by default."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import NewContact, NewPerson, Person, PersonId, Role
from gateway.identity.directory import Directory
from gateway.identity.rights import Right, may
from gateway.session.turns import SessionId
from gateway.telegram.errors import PeopleUnknown

log = structlog.get_logger(__name__)

ASK_AGAIN_S = 30.0
"""How long an owner of the settings is obeyed before the ledger is asked again who they are."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who may talk to the bot."""

    name: str
    role: Role
    session_id: SessionId
    """Of their private chats, shared with all their channels."""
    person_id: PersonId | None
    """None for the owner while the ledger does not know them, or is away."""

    def may(self, right: Right) -> bool:
        """Whether they have the right."""
        return may(self.role, right)


class Access:
    """People of the ledger by their Telegram account; the owner's own accounts may be in the settings too."""

    def __init__(
        self,
        ops: AgentOpsClient,
        directory: Directory,
        *,
        owners_accounts: frozenset[int],
        main_session: SessionId,
        clock: Callable[[], float],
    ) -> None:
        self._ops = ops
        self._directory = directory
        self._owners_accounts = owners_accounts
        self._main_session = main_session
        self._clock = clock
        self._owners: dict[int, tuple[Speaker, float]] = {}

    async def speaker(self, user_id: int, name: str) -> Speaker | None:
        """Who this account is; None for a stranger.

        Raises:
            PeopleUnknown: The ledger is away, and the settings do not name this account.
        """
        if user_id in self._owners_accounts:
            return await self._owner(user_id, name)
        try:
            standing = await self._directory.find("telegram", str(user_id))
        except AgentOpsError as error:
            raise PeopleUnknown(str(error)) from error
        if standing is None:
            return None
        person = standing.person
        return Speaker(person.name, standing.role, standing.session_id, person.id)

    async def hears_answers(self, speaker: Speaker) -> bool:
        """Whether this person wants the answers to voice notes aloud; not, while the ledger is away."""
        if speaker.person_id is None:
            return False
        try:
            return (await self._directory.preferences(speaker.person_id)).voice_replies
        except AgentOpsError:
            return False

    def forget(self) -> None:
        """Somebody was let in: ask the ledger again."""
        self._directory.forget()
        self._owners.clear()

    async def owners_chats(self) -> set[int]:
        """Where owners are reached.

        Raises:
            AgentOpsError: The ledger is away.
        """
        contacts = [one for who in await self._directory.owners() for one in who.contacts]
        addresses = {one.address for one in contacts if one.channel == "telegram" and one.verified_at}
        return {int(address) for address in addresses if address.isdecimal()} | self._owners_accounts

    async def _owner(self, user_id: int, name: str) -> Speaker:
        """The owner, made known to the ledger at the first word; obeyed without it all the same."""
        speaker, until = self._owners.get(user_id, (None, 0.0))
        if speaker is None or until <= self._clock():
            person_id = await self._recorded(user_id, name)
            speaker = Speaker(name, Role.OWNER, self._main_session, person_id)
            self._owners[user_id] = (speaker, self._clock() + ASK_AGAIN_S)
        return speaker

    async def _recorded(self, user_id: int, name: str) -> PersonId | None:
        try:
            standing = await self._directory.find("telegram", str(user_id))
            return standing.person.id if standing else (await self._enter(user_id, name)).id
        except AgentOpsError as error:
            log.warning("telegram.owner_not_recorded", code=error.code)
            return None

    async def _enter(self, user_id: int, name: str) -> Person:
        key = f"telegram-owner-{user_id}"
        owner = next(iter(await self._directory.owners()), None)
        if owner is None:
            new = NewPerson(name=name[:200] or "Owner", role=Role.OWNER)
            owner = await self._ops.create_person(new, idempotency_key=key)
        contact = NewContact(channel="telegram", address=str(user_id), verified=True, label="Telegram")
        await self._ops.add_contact(owner.id, contact, idempotency_key=f"{key}-contact")
        self._directory.forget()
        log.info("person.recorded", person_id=owner.id, role=Role.OWNER)
        return owner
