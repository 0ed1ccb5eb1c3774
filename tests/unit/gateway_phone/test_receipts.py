"""Where a call's receipt goes, and what it carries."""

import asyncio
from contextlib import aclosing
from datetime import datetime

import msgspec
import pytest

from agentops.wire import Contact, ContactId, Person, PersonId, Role
from gateway.phone.parties import Party, Trust
from gateway.phone.receipts import Receipts
from gateway.session.turns import CALL_ENDED, Notice, Turn, TurnId
from tests.unit.gateway_phone.test_conversation import MAIN, MONDAY, Talk, talking

CALLER = Party(session_id=MAIN, channel="phone", address="+493012345678", trust=Trust.CONFIRMED)


async def receipt_of(talk: Talk, party: Party) -> Notice:
    """Of a call in which a task was created."""
    await talk.handler.greeting(talk.hand)
    await talk.says("Create a task to paint the fence.")
    after = await talk.stream.end(MAIN)
    await Receipts(talk.stream, talk.ops, lambda: MONDAY).give("CA1", party, talk.handler, seconds=61)
    async with asyncio.timeout(5), aclosing(talk.stream.listen(MAIN, after=after)) as heard:
        async for _, said in heard:
            if isinstance(said, Notice):
                return said
    raise AssertionError("no receipt")


@pytest.mark.parametrize(("verified", "where"), [(True, ("telegram", "7")), (False, ("web", None))])
async def test_who_never_wrote_on_telegram_gets_it_where_the_ledger_knows_them(
    verified: bool, where: tuple[str, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = a_person(MONDAY if verified else None)

    async def get_person(_: PersonId) -> Person:
        return ada

    async with talking(Talk()) as talk:
        monkeypatch.setattr(talk.ops, "get_person", get_person)  # the ledger in memory knows nobody
        receipt = await receipt_of(talk, msgspec.structs.replace(CALLER, person_id=ada.id))
    assert (receipt.channel, receipt.address) == where
    assert (receipt.kind, [action.type for action in receipt.actions]) == (CALL_ENDED, ["task.created"])
    assert "Created task 1" in receipt.text


def a_person(proven_at: datetime | None) -> Person:
    known = PersonId("p-1")
    contact = Contact(
        id=ContactId("c-1"), person_id=known, channel="telegram", address="7", label="", verified_at=proven_at
    )
    return Person(
        id=known,
        name="Ada",
        role=Role.OWNER,
        time_zone="UTC",
        language="en",
        contacts=[contact],
        created_at=MONDAY,
    )


async def test_it_goes_to_where_they_wrote_last() -> None:
    async with talking(Talk()) as talk:
        wrote = Turn(
            id=TurnId("t0"),
            session_id=MAIN,
            channel="telegram",
            address="7:3",
            external_id="1",
            text="Hello",
            received_at=MONDAY,
        )
        await talk.stream.append(wrote)
        receipt = await receipt_of(talk, CALLER)
    assert (receipt.channel, receipt.address) == ("telegram", "7:3")
