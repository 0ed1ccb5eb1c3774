"""Who is let in, what the channel does for people, and what strangers get: one polite line."""

from dataclasses import dataclass, field, replace

import pytest
from structlog.testing import capture_logs

from agentops.wire import (
    BudgetPeriod,
    BudgetScope,
    BudgetUnit,
    NewBudget,
    NewContact,
    PairingStatus,
    RejectPairing,
    Role,
)
from gateway.session.turns import SessionId
from gateway.telegram.opening import open_telegram
from tests.botapi import Person
from tests.integration.gateway_telegram.acts.conftest import Work
from tests.integration.gateway_telegram.conftest import BOTH_MODES, SESSION, Desk, running
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


@dataclass
class Bell:
    """A telephone that only remembers whom it rang."""

    rung: list[tuple[str, str, SessionId]] = field(default_factory=list)
    refusal: str | None = None

    async def begin(self, number: str, text: str, session_id: SessionId) -> str | None:
        self.rung.append((number, text, session_id))
        return self.refusal


async def answer_to(desk: Desk, person: Person, words: str) -> str:
    before = len(desk.telegram.to(person))
    await person.says(words)
    await desk.telegram.wait_for(lambda _: len(desk.telegram.to(person)) > before)
    return desk.telegram.to(person)[before].text


async def test_a_call_rings_the_number_that_was_linked(desk: Desk, stranger: Person) -> None:
    known, bell = await desk.pair(stranger), Bell()
    around = replace(desk.around, ringer=bell)
    async with open_telegram(desk.settings, around) as channel, running(channel):
        assert "/phone links it" in await answer_to(desk, stranger, "/call")
        number = NewContact(channel="phone", address="+4915198765432", verified=True)
        await desk.ops.add_contact(known.id, number)
        assert "ringing your number ending in 432" in await answer_to(desk, stranger, "/call about the roof")
        bell.refusal = "The line is busy."
        assert await answer_to(desk, stranger, "/call") == bell.refusal
    assert bell.rung[0] == ("+4915198765432", "about the roof", f"person-{known.id}")


async def test_without_a_telephone_a_call_says_how_to_get_one(desk: Desk) -> None:
    async with desk.running():
        assert "docs/phone.md" in await answer_to(desk, desk.owner, "/call")


async def test_what_was_spent_is_for_the_owner(desk: Desk, stranger: Person) -> None:
    await desk.pair(stranger)
    async with desk.running():
        assert "budget" in (await answer_to(desk, desk.owner, "/budget")).casefold()
        limit = NewBudget(
            name="All models",
            scope=BudgetScope.ALL,
            unit=BudgetUnit.TOKENS,
            period=BudgetPeriod.MONTH,
            limit=5_000_000,
        )
        await desk.ops.create_budget(limit)
        assert "All models" in await answer_to(desk, desk.owner, "/budget")
        assert await answer_to(desk, stranger, "/budget") == "Only my owner may do that."
