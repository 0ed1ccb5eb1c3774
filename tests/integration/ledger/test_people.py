"""People, contacts, preferences, and how strangers are let in."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from agentops import AgentOpsClient, errors
from agentops.wire import (
    ApprovePairing,
    Attention,
    NewContact,
    NewPairing,
    NewPerson,
    PairingStatus,
    PersonPatch,
    PreferencesPatch,
    Role,
)
from tests.integration.ledger.api import Api

SOME_ID = "00000000-0000-0000-0000-000000000000"


async def _old(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("UPDATE pairing SET expires_at = now() - interval '1 second'")
    finally:
        await connection.close()


async def test_a_person_is_made_changed_and_forgotten(ops: AgentOpsClient, admin: Api) -> None:
    person = await ops.create_person(NewPerson(name="Ada", time_zone="Europe/Paris", language="fr"))
    assert (person.role, person.contacts) == (Role.MEMBER, [])
    changed = await ops.update_person(person.id, PersonPatch(role=Role.GUEST))
    assert (changed.name, changed.role, changed.time_zone) == ("Ada", Role.GUEST, "Europe/Paris")
    assert await ops.list_people() == [changed]
    with pytest.raises(errors.ValidationFailed, match="IANA"):
        await ops.update_person(person.id, PersonPatch(time_zone="Europe/Atlantis"))
    await ops.delete_person(person.id)
    with pytest.raises(errors.PersonNotFound):
        await ops.get_person(person.id)
    with pytest.raises(errors.PersonNotFound):
        await ops.get_preferences(person.id)
    assert await admin.types() == ["person.created", "person.updated", "person.deleted"]


async def test_an_address_belongs_to_one_person(ops: AgentOpsClient, admin: Api) -> None:
    ada = await ops.create_person(NewPerson(name="Ada"))
    bob = await ops.create_person(NewPerson(name="Bob"))
    phone = NewContact(channel="phone", address="+15550100", label="mobile")
    contact = await ops.add_contact(ada.id, phone)
    assert contact.verified_at is None
    assert await ops.find_person("phone", "+15550100") is None
    assert (await ops.find_person("phone", "+15550100", verified=False)) == await ops.get_person(ada.id)

    proven = await ops.add_contact(ada.id, NewContact(channel="phone", address="+15550100", verified=True))
    assert (proven.id, proven.label) == (contact.id, "mobile")
    assert (await ops.find_person("phone", "+15550100")) == await ops.get_person(ada.id)
    again = await ops.add_contact(ada.id, phone)
    assert again.verified_at == proven.verified_at

    with pytest.raises(errors.ContactTaken):
        await ops.add_contact(bob.id, phone)
    with pytest.raises(errors.PersonNotFound):
        await ops.add_contact(SOME_ID, phone)  # type: ignore[arg-type]
    assert await ops.list_contacts(channel="phone") == [proven]
    assert await ops.list_contacts(channel="telegram") == []
    await ops.remove_contact(contact.id)
    assert await ops.find_person("phone", "+15550100", verified=False) is None
    with pytest.raises(errors.NotFound):
        await ops.remove_contact(contact.id)
    assert "+15550100" not in str(await admin.events())


async def test_the_first_who_is_let_in_is_the_owner(ops: AgentOpsClient, admin: Api) -> None:
    codes = [
        (await ops.create_pairing(NewPairing(channel="telegram", address=str(n), display_name=f"P {n}"))).code
        for n in range(3)
    ]
    people = await asyncio.gather(*(ops.approve_pairing(ApprovePairing(code=code)) for code in codes))
    assert sorted(person.role for person in people) == [Role.MEMBER, Role.MEMBER, Role.OWNER]
    found = await ops.find_person("telegram", "1")
    assert found is not None
    assert (found.name, found.contacts[0].label) == ("P 1", "P 1")
    assert (await admin.types()).count("person.paired") == 3
    assert [one.status for one in await ops.list_pairings()] == [PairingStatus.APPROVED] * 3
    with pytest.raises(errors.ContactTaken):
        await ops.create_pairing(NewPairing(channel="telegram", address="1"))


async def test_a_stranger_keeps_their_code_and_three_wait_at_most(ops: AgentOpsClient) -> None:
    asked = await asyncio.gather(
        *(ops.create_pairing(NewPairing(channel="telegram", address="7")) for _ in range(8))
    )
    assert len({pairing.id for pairing in asked}) == 1
    assert len(asked[0].code) == 8
    assert not set(asked[0].code) & set("0O1I")

    async def ask(n: int) -> object:
        try:
            return await ops.create_pairing(NewPairing(channel="telegram", address=f"n{n}"))
        except errors.TooManyPairings as error:
            return error.code

    answers = await asyncio.gather(*(ask(n) for n in range(6)))
    assert answers.count("too_many_pairings") == 4
    await ops.create_pairing(NewPairing(channel="phone", address="+15550100"))
    assert len(await ops.list_pairings(status=PairingStatus.PENDING)) == 4


async def test_a_pairing_is_decided_once_within_its_hour(ops: AgentOpsClient, ledger_dsn: str) -> None:
    first = await ops.create_pairing(NewPairing(channel="telegram", address="1"))
    rejected = await ops.reject_pairing(first.code)
    assert rejected.status is PairingStatus.REJECTED
    with pytest.raises(errors.PairingClosed):
        await ops.approve_pairing(ApprovePairing(code=first.code))
    with pytest.raises(errors.PairingNotFound):
        await ops.approve_pairing(ApprovePairing(code="AAAAAAAA"))
    second = await ops.create_pairing(NewPairing(channel="telegram", address="1"))
    assert second.code != first.code
    await _old(ledger_dsn)
    with pytest.raises(errors.PairingClosed, match="expired"):
        await ops.approve_pairing(ApprovePairing(code=second.code))
    assert [one.status for one in await ops.list_pairings(status=PairingStatus.EXPIRED)] == ["expired"]
    assert await ops.list_people() == []


async def test_a_pairing_may_be_a_known_persons_second_channel(ops: AgentOpsClient) -> None:
    owner = await ops.create_person(NewPerson(name="Ada", role=Role.OWNER))
    pairing = await ops.create_pairing(NewPairing(channel="phone", address="+15550100"))
    spoken = f"{pairing.code[:4]}-{pairing.code[4:]}".lower()
    person = await ops.approve_pairing(ApprovePairing(code=spoken, person_id=owner.id))
    assert (person.id, person.role) == (owner.id, Role.OWNER)
    assert [contact.address for contact in person.contacts] == ["+15550100"]

    bob = await ops.create_person(NewPerson(name="Bob"))
    await ops.add_contact(bob.id, NewContact(channel="web", address="bob"))
    asked = await ops.create_pairing(NewPairing(channel="web", address="bob"))
    with pytest.raises(errors.ContactTaken):
        await ops.approve_pairing(ApprovePairing(code=asked.code, person_id=owner.id))
    with pytest.raises(errors.PersonNotFound):
        await ops.approve_pairing(ApprovePairing(code=asked.code, person_id=SOME_ID))  # type: ignore[arg-type]
    paired = await ops.approve_pairing(ApprovePairing(code=asked.code, role=Role.GUEST))
    assert (paired.id, paired.role) == (bob.id, Role.GUEST)


async def test_a_new_person_is_left_in_peace(ops: AgentOpsClient) -> None:
    person = await ops.create_person(NewPerson(name="Ada"))
    calm = await ops.get_preferences(person.id)
    assert (calm.version, calm.digest_at, calm.quiet_from, calm.voice_replies) == (1, "08:00", None, False)
    heard = {
        kind: calm.attention(kind)
        for kind in ("task.blocked", "task.completed", "task.claimed", "agent.offline", "budget.exceeded")
    }
    assert heard == {
        "task.blocked": Attention.RING, "task.completed": Attention.SILENT, "task.claimed": Attention.OFF,
        "agent.offline": Attention.DIGEST, "budget.exceeded": Attention.RING,
    }  # fmt: skip


async def test_preferences_change_by_what_the_patch_names(ops: AgentOpsClient, admin: Api) -> None:
    person = await ops.create_person(NewPerson(name="Ada"))
    patch = PreferencesPatch(
        rules={"task.*": Attention.DIGEST, "task.completed": Attention.RING}, channels=["phone", "telegram"],
        quiet_from="22:00", quiet_to="07:00", version=1,
    )  # fmt: skip
    changed = await ops.update_preferences(person.id, patch)
    assert (changed.version, changed.quiet_from, changed.digest_at) == (2, "22:00", "08:00")
    assert changed.attention("task.completed") is Attention.RING
    assert changed.attention("task.failed") is Attention.DIGEST
    assert changed.attention("agent.offline") is Attention.OFF
    with pytest.raises(errors.VersionConflict):
        await ops.update_preferences(person.id, PreferencesPatch(voice_replies=True, version=1))
    with pytest.raises(errors.ValidationFailed):
        await ops.update_preferences(person.id, PreferencesPatch(quiet_to=None))
    assert await ops.update_preferences(person.id, PreferencesPatch()) == changed
    assert (await admin.types()).count("preferences.updated") == 1


@pytest.mark.parametrize(
    "body",
    [
        {"quiet_from": "24:00", "quiet_to": "07:00"}, {"digest_at": "8:00"}, {"rules": {"Task.*": "ring"}},
        {"rules": {"task.*": "loud"}}, {"escalate_after_s": 1}, {"channels": ["a b"]}, {"nothing": 1},
    ],
)  # fmt: skip
async def test_bad_preferences_are_refused(admin: Api, body: dict[str, Any]) -> None:
    person = await admin.post("/people", 201, name="Ada")
    problem = await admin.patch(f"/people/{person['id']}/preferences", 400, **body)
    assert problem["code"] == "validation_failed"


@pytest.fixture
async def seed(ledger_url: str, agent_key: str) -> AsyncIterator[AgentOpsClient]:
    async with AgentOpsClient(ledger_url, agent_key) as client:
        yield client


async def test_a_worker_learns_nothing_of_people(seed: AgentOpsClient, reader: Api) -> None:
    for call in (seed.list_people, seed.list_contacts, seed.list_pairings):
        with pytest.raises(errors.Forbidden):
            await call()
    for path in ("/people", "/contacts", "/pairings"):
        assert (await reader.get(path))["items"] == []
