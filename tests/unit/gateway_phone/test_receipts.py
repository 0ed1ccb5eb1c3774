"""Where a call's receipt goes, and what it carries."""

import asyncio
from contextlib import aclosing
from datetime import datetime

import msgspec
import pytest

from agentops.wire import Contact, ContactId, Person, PersonId, Role
from gateway.phone.parties import Party, Trust
from gateway.phone.receipts import Receipts
from gateway.phone.recordings import Kept
from gateway.session.turns import CALL_ENDED, Notice, Turn, TurnId
from tests.unit.gateway_phone.test_conversation import MAIN, MONDAY, Talk, talking

CALLER = Party(session_id=MAIN, channel="phone", address="+493012345678", trust=Trust.CONFIRMED)


async def receipt_of(talk: Talk, party: Party, recording: Kept | None = None) -> Notice:
    """Of a call in which a task was created."""
    await talk.handler.greeting(talk.hand)
    await talk.says("Create a task to paint the fence.")
    after = await talk.stream.end(MAIN)
    receipts = Receipts(talk.stream, talk.ops, lambda: MONDAY, "https://panel.example/")
    await receipts.give("CA1", party, talk.handler, seconds=61, recording=recording)
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


@pytest.mark.parametrize(("channel", "attached"), [("telegram", 0), ("web", 1)])
async def test_a_recording_is_shown_where_it_lies_and_sent_nowhere_else(channel: str, attached: int) -> None:
    async with talking(Talk()) as talk:
        if channel == "telegram":
            await talk.stream.append(on_telegram())
        artifact = await talk.ops.upload("call.ogg", b"OggS", media_type="audio/ogg")
        receipt = await receipt_of(talk, CALLER, Kept(125, artifact))
        [record] = [one for one in (await talk.ops.list_turns("main")).items if one.role == "notice"]
    assert (receipt.channel, len(receipt.attachments)) == (channel, attached)
    assert receipt.url == f"https://panel.example/files/{artifact.id}"
    assert [one.id for one in record.attachments] == [artifact.id]
    assert receipt.text.endswith("You allowed me to record it: 2 minutes, with this message in the panel.")


async def test_what_half_a_sentence_created_is_not_told() -> None:
    async with talking(Talk()) as talk:
        await talk.says("Create a task.", name="half")
        await talk.says("Create a task to book a table.", name="whole", replaces="half")
        receipt = await receipt_of(talk, CALLER)
    assert [action.title for action in receipt.actions] == [
        "Create a task to book a table.",
        "Create a task to paint the fence.",
    ]
    assert "Created task 1" not in receipt.text
    assert "Created task 2" in receipt.text


async def test_a_recording_that_could_not_be_kept_is_told() -> None:
    async with talking(Talk()) as talk:
        receipt = await receipt_of(talk, CALLER, Kept(0, None))
    assert receipt.text.endswith("You allowed me to record it, but the recording could not be kept.")
    assert (receipt.attachments, receipt.url) == ((), None)


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
        await talk.stream.append(on_telegram())
        receipt = await receipt_of(talk, CALLER)
    assert (receipt.channel, receipt.address) == ("telegram", "7:3")


def on_telegram() -> Turn:
    """Something that they wrote there."""
    return Turn(
        id=TurnId("t0"),
        session_id=MAIN,
        channel="telegram",
        address="7:3",
        external_id="1",
        text="Hello",
        received_at=MONDAY,
    )
