"""Who calls, by their number: people of the ledger. Nobody may do anything by default."""

import msgspec
import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import NewContact, NewPerson, Person, Role
from gateway.identity.directory import Directory, Standing
from gateway.identity.rights import Right
from gateway.phone.parties import Party, Trust
from gateway.phone.settings import PhoneSettings, PinWhen
from gateway.phone.verdict import Verdict
from gateway.session.names import session_id
from gateway.session.turns import SessionId

CHANNEL = "phone"
IN_BROWSER = "call"

log = structlog.get_logger(__name__)


class Callers:
    """Finds the party of a call."""

    def __init__(
        self, settings: PhoneSettings, ops: AgentOpsClient, directory: Directory, main: SessionId
    ) -> None:
        self._settings = settings
        self._ops = ops
        self._directory = directory
        self._main = main

    async def calling(self, number: str, verdict: Verdict) -> Party:
        """Who calls us from this number, as far as it can be believed.

        Raises:
            AgentOpsError: The ledger does not say, or not now.
        """
        standing = None if verdict is Verdict.FALSE or not number else await self._find(number)
        if standing is None or not standing.may(Right.TALK):
            return self._stranger(number)
        return self._known(standing, number, vouched=verdict is Verdict.VOUCHED)

    async def called(self, number: str, message: str) -> Party:
        """Whoever has this number and is rung by us; a call that we place cannot show a false number.

        Raises:
            AgentOpsError: The ledger does not say, or not now.
        """
        standing = await self._find(number)
        party = self._stranger(number) if standing is None else self._known(standing, number, vouched=True)
        return msgspec.structs.replace(party, message=message)

    async def _find(self, number: str) -> Standing | None:
        if number in self._settings.owner_numbers:
            await self._recorded(number)
        return await self._directory.find(CHANNEL, number)

    def _known(self, standing: Standing, number: str, *, vouched: bool) -> Party:
        believed = vouched and self._settings.pin_when is PinWhen.UNATTESTED
        return Party(
            session_id=standing.session_id,
            channel=CHANNEL,
            address=number,
            trust=Trust.CONFIRMED if believed else Trust.CLAIMED,
            person_id=standing.person.id,
            name=standing.person.name,
            role=standing.role.value,
            time_zone=standing.person.time_zone,
        )

    def _stranger(self, number: str) -> Party:
        return Party(
            session_id=self._main, channel=CHANNEL, address=number, trust=Trust.STRANGER, role="guest"
        )

    async def _recorded(self, number: str) -> None:
        """Make an owner's number of the settings known to the ledger; harmless to repeat."""
        if await self._directory.find(CHANNEL, number) is not None:
            return
        key = f"phone-owner-{number.removeprefix('+')}"
        owner = next(iter(await self._directory.owners()), None) or await self._owner(key)
        contact = NewContact(channel=CHANNEL, address=number, verified=True, label="Telephone")
        try:
            await self._ops.add_contact(owner.id, contact, idempotency_key=f"{key}-contact")
        except AgentOpsError as error:
            if error.retryable:
                raise
            log.warning("phone.owner_not_recorded", code=error.code)
        self._directory.forget()

    async def _owner(self, key: str) -> Person:
        new = NewPerson(name="Owner", role=Role.OWNER)
        return await self._ops.create_person(new, idempotency_key=key)


def in_browser(session: str, name: str = "") -> Party:
    """Whoever is logged in and talks from the panel."""
    where = session_id(session)
    return Party(session_id=where, channel=IN_BROWSER, address=where, trust=Trust.CONFIRMED, name=name)
