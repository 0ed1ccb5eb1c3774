"""People: who they are, where they are reached, who asks to be let in, what they want to hear of."""

from agentops.calls.base import Calls
from agentops.requests import path_of
from agentops.wire import (
    ApprovePairing,
    Contact,
    ContactId,
    NewContact,
    NewPairing,
    NewPerson,
    Page,
    Pairing,
    PairingStatus,
    Person,
    PersonId,
    PersonPatch,
    Preferences,
    PreferencesPatch,
    RejectPairing,
)


class PeopleCalls(Calls):
    """`/people`, `/contacts`, `/pairings`."""

    async def create_person(self, person: NewPerson, *, idempotency_key: str | None = None) -> Person:
        """Make a person known, with calm preferences."""
        return await self._transport.post("/people", Person, person, key=idempotency_key)

    async def list_people(self) -> list[Person]:
        """All people, the first who came first."""
        return await self._all("/people", Page[Person])

    async def get_person(self, person_id: PersonId) -> Person:
        """One person.

        Raises:
            PersonNotFound: There is none with this id.
        """
        return await self._transport.get(path_of("people", person_id), Person)

    async def find_person(self, channel: str, address: str, *, verified: bool = True) -> Person | None:
        """Whose address this is; None: a stranger's.

        Args:
            channel: Such as `telegram`.
            address: As the channel names it.
            verified: False finds also by an address that nobody has proven to be theirs.
        """
        params = {"channel": channel, "address": address, "verified": "true" if verified else None}
        found = await self._transport.get("/people", Page[Person], params=params)
        return found.items[0] if found.items else None

    async def update_person(
        self, person_id: PersonId, patch: PersonPatch, *, idempotency_key: str | None = None
    ) -> Person:
        """Change what `patch` sets.

        Raises:
            PersonNotFound: There is none with this id.
            ValidationFailed: There is no such time zone.
        """
        return await self._transport.patch(path_of("people", person_id), Person, patch, key=idempotency_key)

    async def delete_person(self, person_id: PersonId, *, idempotency_key: str | None = None) -> None:
        """Forget a person, with contacts and preferences.

        Raises:
            PersonNotFound: There is none with this id.
        """
        await self._transport.delete(path_of("people", person_id), key=idempotency_key)

    async def add_contact(
        self, person_id: PersonId, contact: NewContact, *, idempotency_key: str | None = None
    ) -> Contact:
        """Write down where a person is reached; once more with `verified` proves it.

        Raises:
            PersonNotFound: There is none with this id.
            ContactTaken: The address is another person's.
        """
        path = path_of("people", person_id, "contacts")
        return await self._transport.post(path, Contact, contact, key=idempotency_key)

    async def remove_contact(self, contact_id: ContactId, *, idempotency_key: str | None = None) -> None:
        """Forget an address.

        Raises:
            NotFound: There is none with this id.
        """
        await self._transport.delete(path_of("contacts", contact_id), key=idempotency_key)

    async def list_contacts(self, *, channel: str | None = None, address: str | None = None) -> list[Contact]:
        """Contacts, of one channel or one address or all."""
        return await self._all("/contacts", Page[Contact], {"channel": channel, "address": address})

    async def create_pairing(self, pairing: NewPairing, *, idempotency_key: str | None = None) -> Pairing:
        """Get a code for a stranger; one who has asked already gets the same code.

        Raises:
            TooManyPairings: Three wait for the owner on this channel already.
            ContactTaken: The address is a known person's.
        """
        return await self._transport.post("/pairings", Pairing, pairing, key=idempotency_key)

    async def list_pairings(self, *, status: PairingStatus | None = None) -> list[Pairing]:
        """Who has asked to be let in, newest first."""
        return await self._all("/pairings", Page[Pairing], {"status": status})

    async def approve_pairing(
        self, approval: ApprovePairing, *, idempotency_key: str | None = None
    ) -> Person:
        """Let a stranger in; the first ever becomes the owner.

        Raises:
            PairingNotFound: Nobody was given this code.
            PairingClosed: It was decided already, or an hour has passed.
            PersonNotFound: There is no person with `person_id`.
            ContactTaken: The address became another person's meanwhile.
        """
        return await self._transport.post("/pairings/approve", Person, approval, key=idempotency_key)

    async def reject_pairing(self, code: str, *, idempotency_key: str | None = None) -> Pairing:
        """Send a stranger away.

        Raises:
            PairingNotFound: Nobody was given this code.
            PairingClosed: It was decided already, or an hour has passed.
        """
        body = RejectPairing(code=code)
        return await self._transport.post("/pairings/reject", Pairing, body, key=idempotency_key)

    async def get_preferences(self, person_id: PersonId) -> Preferences:
        """How a person wants to hear of things.

        Raises:
            PersonNotFound: There is none with this id.
        """
        return await self._transport.get(path_of("people", person_id, "preferences"), Preferences)

    async def update_preferences(
        self, person_id: PersonId, patch: PreferencesPatch, *, idempotency_key: str | None = None
    ) -> Preferences:
        """Change what `patch` sets.

        Raises:
            PersonNotFound: There is none with this id.
            VersionConflict: `patch.version` is not the present one.
            ValidationFailed: Quiet hours have a beginning and no end, or the other way round.
        """
        path = path_of("people", person_id, "preferences")
        return await self._transport.patch(path, Preferences, patch, key=idempotency_key)
