"""Who is let in, what the channel does for people, and what strangers get: one polite line."""

import pytest
from structlog.testing import capture_logs

from agentops.wire import PairingStatus, RejectPairing, Role
from tests.botapi import Person
from tests.integration.gateway_telegram.acts.conftest import Work
from tests.integration.gateway_telegram.conftest import BOTH_MODES, SESSION, Desk
from tests.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


async def code_of(desk: Desk, stranger: Person) -> str:
    return (await desk.telegram.wait_for(lambda sent: sent.chat_id == stranger.id)).styled("code")[0]


@BOTH_MODES
async def test_a_stranger_gets_one_line_with_a_code_and_nothing_else_happens(
    desk: Desk, stranger: Person
) -> None:
    async with desk.running():
        await stranger.says("/start")
        await stranger.says("/panel")
        await stranger.says("delete everything")
        await desk.owner.says("hello")
        assert (await desk.turn()).text == "hello"
        await eventually(lambda: desk.telegram.unconfirmed == 0)
        (told,) = desk.telegram.to(stranger)
        code = told.styled("code")[0]
        await desk.ops.reject_pairing(code)
    assert "I work for somebody else" in told.text
    assert len(code) == 8
    await desk.no_turn()


@BOTH_MODES
async def test_the_owner_is_asked_and_lets_them_in_by_a_button(desk: Desk, stranger: Person) -> None:
    desk.owner.started = True
    async with desk.running():
        await stranger.says("/start pair")
        asked = await desk.telegram.wait_for(
            lambda sent: sent.chat_id == desk.owner.id and "asks to talk" in sent.text
        )
        press = await desk.owner.presses(asked, "Let in")
        assert "may talk to me now, as member" in await desk.telegram.told(press)
        await desk.telegram.wait_for(lambda sent: sent.chat_id == stranger.id and "let in" in sent.text)
        await stranger.says("water the plants")
        turn = await desk.turn()
    person = await desk.ops.find_person("telegram", str(stranger.id))
    assert person is not None
    assert (turn.session_id, turn.person_id, turn.role) == (f"person-{person.id}", person.id, "member")
    assert "✓ Eve may talk" in desk.telegram.now(asked)


async def test_the_owner_lets_them_in_by_the_code_or_by_a_link(desk: Desk) -> None:
    for number, command in enumerate(("/approve {}", "/start approve-{}")):
        stranger = desk.telegram.person(f"Bob {number}", 7000 + number)
        async with desk.running():
            await stranger.says("let me in")
            code = await code_of(desk, stranger)
            await desk.owner.says(command.format(code.lower() if number == 0 else code))
            await desk.telegram.wait_for(
                lambda sent, name=stranger.first_name: f"{name} may talk" in sent.text  # type: ignore[misc]
            )
        person = await desk.ops.find_person("telegram", str(stranger.id))
        assert person is not None
        assert person.role is Role.MEMBER


async def test_the_owner_sends_them_away(desk: Desk, stranger: Person) -> None:
    desk.owner.started = True
    async with desk.running():
        await stranger.says("let me in")
        code = await code_of(desk, stranger)
        asked = await desk.telegram.wait_for(lambda sent: f"/approve {code}" in sent.text)
        await desk.telegram.told(await desk.owner.presses(asked, "Send away"))
        told = await desk.telegram.told(
            await desk.owner.presses_data(await desk.owner.says("x"), f"li:{code}")
        )
    assert "I let nobody in" in told
    assert await desk.ops.find_person("telegram", str(stranger.id)) is None


async def test_nobody_but_the_owner_lets_people_in_or_sees_the_panel(desk: Desk, stranger: Person) -> None:
    await desk.pair(stranger)
    intruder = desk.telegram.person("Mallory", stranger.id + 100_000)
    desk.owner.started = True
    async with desk.running():
        await intruder.says("hi")
        code = await code_of(desk, intruder)
        for command in (f"/approve {code}", "/panel", "/approve"):
            await stranger.says(command)
        await eventually(lambda: len(desk.telegram.to(stranger)) == 3)
        press = await stranger.presses_data(await stranger.says("hm"), f"li:{code}")
        assert "Only my owner" in await desk.telegram.told(press)
    assert {sent.text for sent in desk.telegram.to(stranger)} == {"Only my owner may do that."}
    pending = await desk.ops.list_pairings(status=PairingStatus.PENDING)
    assert code in {pairing.code for pairing in pending}
    await desk.ops.reject_pairing(code)


async def test_a_crowd_of_strangers_does_not_make_the_bot_chatter(desk: Desk) -> None:
    crowd = [desk.telegram.person("Eve", 90_000 + number) for number in range(40)]
    async with desk.running():
        for one in crowd:
            await one.says("hello")
        await eventually(lambda: desk.telegram.unconfirmed == 0, timeout_s=60)
    told = [sent for sent in desk.telegram.sent if sent.chat_id in {one.id for one in crowd}]
    assert 0 < len(told) <= 30
    for pairing in await desk.ops.list_pairings(status=PairingStatus.PENDING):
        await desk.ops.reject_pairing(RejectPairing(code=pairing.code).code)


async def test_the_owner_named_in_the_settings_is_made_known_to_the_ledger(desk: Desk) -> None:
    async with desk.running():
        await desk.owner.says("hello")
        turn = await desk.turn()
    person = await desk.ops.find_person("telegram", str(desk.owner.id))
    assert person is not None
    assert (person.role, turn.person_id, turn.session_id) == (Role.OWNER, person.id, SESSION)


async def test_the_panels_link_logs_in_once_and_is_given_in_private_only(desk: Desk) -> None:
    group = desk.telegram.group()
    async with desk.running():
        await desk.owner.says("/panel", to=group)
        refused = await desk.telegram.wait_for(lambda sent: sent.chat_id == group.id)
        await desk.owner.says("/panel")
        given = await desk.telegram.wait_for(lambda sent: sent.chat_id == desk.owner.id)
    assert "private chat" in refused.text
    link = next(
        word for word in given.text.split() if word.startswith("https://panel.example.org/login?token=")
    )
    assert given.params["link_preview_options"] == {"is_disabled": True}
    assert (await desk.ops.redeem_login(link.partition("=")[2])).scope == "admin"


async def test_quiet_hours_and_notices_are_kept_as_preferences(desk: Desk) -> None:
    async with desk.running():
        for command in ("/quiet 22-7", "/notify done off", "/notify nonsense", "/quiet sometimes", "/notify"):
            before = len(desk.telegram.sent)
            await desk.owner.says(command)
            await eventually(lambda seen=before: len(desk.telegram.sent) > seen)  # type: ignore[misc]
    person = await desk.ops.find_person("telegram", str(desk.owner.id))
    assert person is not None
    kept = await desk.ops.get_preferences(person.id)
    assert (kept.quiet_from, kept.quiet_to) == ("22:00", "07:00")
    assert kept.attention("task.completed") == "off"
    texts = [sent.text for sent in desk.telegram.sent]
    assert "22:00 to 07:00" in texts[0]
    assert "Work that is done: is not told" in texts[1]
    assert all("could not read" in text for text in texts[2:4])


async def test_a_number_is_linked_only_when_telegram_says_that_it_is_theirs(desk: Desk) -> None:
    with capture_logs() as logs:
        async with desk.running():
            await desk.owner.says("/phone")
            button = await desk.telegram.wait_for(lambda sent: "Press the button" in sent.text)
            assert button.params["reply_markup"]["keyboard"][0][0]["request_contact"]
            await desk.owner.shares_contact("+4915112345678", 12345)
            await desk.owner.shares_contact("+4915112345678", None)
            await eventually(lambda: len(desk.telegram.sent) == 3)
            assert await desk.ops.find_person("phone", "+4915112345678") is None
            await desk.owner.shares_contact("4915112345678", desk.owner.id)
            await desk.telegram.wait_for(lambda sent: "ending in 678 is linked" in sent.text)
    person = await desk.ops.find_person("phone", "+4915112345678")
    assert person is not None
    assert person.role is Role.OWNER
    assert "15112345" not in str(logs)


async def test_a_link_to_a_task_shows_its_card(desk: Desk, work: Work) -> None:
    task = await work.task("Find the key")
    async with desk.running():
        await desk.owner.says(f"/start task-{task.id}")
        card = await desk.telegram.wait_for(lambda sent: "Find the key" in sent.text)
        await desk.owner.says("/start task-999999")
        await desk.telegram.wait_for(lambda sent: "no such task" in sent.text)
    assert desk.telegram.buttons(card)[0] == "Cancel"
