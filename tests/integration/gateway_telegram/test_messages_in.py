"""What people write becomes turns, or is answered by the channel itself."""

import pytest

from gateway.session.stream import Limits
from gateway.session.turns import Lane
from gateway.telegram.commands import COMMANDS, Route
from tests.botapi import Sent
from tests.integration.gateway_telegram.conftest import BOTH_MODES, SESSION, Desk, silence
from tests.waiting import eventually

pytestmark = BOTH_MODES


async def answer_to(desk: Desk, text: str) -> Sent:
    before = len(desk.telegram.sent)
    await desk.owner.says(text)
    await eventually(lambda: len(desk.telegram.sent) > before)
    return desk.telegram.sent[before]


async def test_a_text_becomes_a_turn_of_the_owners_session(desk: Desk) -> None:
    async with desk.running():
        message = await desk.owner.says("create a task to analyse this")
        turn = await desk.turn()
    assert (turn.session_id, turn.channel, turn.text) == (
        SESSION,
        "telegram",
        "create a task to analyse this",
    )
    assert turn.address == str(desk.owner.id)
    assert turn.external_id == f"4242:{desk.owner.id}:{message['message_id']}"
    assert desk.telegram.sent == []


async def test_many_messages_stay_in_order(desk: Desk) -> None:
    texts = [f"message {number}" for number in range(12)]
    for text in texts:
        await desk.owner.says(text)
    async with desk.running():
        assert [(await desk.turn()).text for _ in texts] == texts


async def test_the_command_menu_is_shown(desk: Desk) -> None:
    async with desk.running():
        await eventually(lambda: desk.telegram.menu)
    assert desk.telegram.menu == [command.name for command in COMMANDS]


async def test_start_help_and_whoami_are_answered_at_once(desk: Desk) -> None:
    async with desk.running():
        assert "Chief of Staff" in (await answer_to(desk, "/start")).text
        assert "/status" in (await answer_to(desk, "/help")).text
        who = await answer_to(desk, "/whoami")
    assert who.styled("code") == [str(desk.owner.id), SESSION]
    await desk.no_turn()


async def test_task_is_a_turn_as_typed_and_status_overtakes_it(desk: Desk) -> None:
    async with desk.running():
        await desk.owner.says("/task@chief_test_bot write the minutes")
        await desk.owner.says("/status")
        assert (await desk.turn(Lane.CONTROL)).text == "/status"
        assert (await desk.turn()).text == "/task write the minutes"


async def test_what_the_chief_answers_becomes_a_turn_as_it_was_typed(desk: Desk) -> None:
    wanted = [one for one in COMMANDS if one.route is not Route.HERE]
    async with desk.running():
        for command in wanted:
            typed = f"/{command.name} words" if command.needs_words else f"/{command.name}"
            await desk.owner.says(typed)
            lane = Lane.CONTROL if command.route is Route.CONTROL else Lane.TALK
            assert (await desk.turn(lane)).text == typed
    assert {"brief", "new", "agents", "projects", "tasks", "stop"} <= {one.name for one in wanted}
    assert desk.telegram.sent == [], "the channel itself has nothing to say to these"


async def test_too_many_waiting_messages_are_told_one_moment_and_a_stop_passes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.stream, "_limits", Limits(per_session=1))
    async with desk.running():
        await desk.owner.says("the first")
        told = await answer_to(desk, "one too many")
        await desk.owner.says("/stop")
        assert (await desk.turn(Lane.CONTROL)).text == "/stop"
        await eventually(lambda: desk.telegram.unconfirmed == 0)
    assert told.text.startswith("One moment, please")
    held = await desk.stream.acquire("test", wait_s=5)
    assert held is not None
    taken = await held.next_turn()
    assert taken is not None
    assert (taken.turn.text, taken.stopped) == ("the first", True)
    await held.end_stopped(silence(taken.turn))
    await held.release()
    await desk.no_turn()


async def test_task_with_nothing_behind_it_is_explained(desk: Desk) -> None:
    async with desk.running():
        assert "/task Summarise" in (await answer_to(desk, "/task")).text
    await desk.no_turn()


async def test_an_unknown_command_lists_those_there_are_in_one_line(desk: Desk) -> None:
    async with desk.running():
        answer = await answer_to(desk, "/frobnicate now")
    assert "/frobnicate" in answer.text
    assert "/task /tasks /status" in answer.text
    assert "\n" not in answer.text
    await desk.no_turn()


async def test_what_is_neither_words_nor_a_file_gets_a_clear_answer(desk: Desk) -> None:
    async with desk.running():
        await desk.owner.sends_voice(b"OggS")
        await desk.owner.sends_location()
        await eventually(lambda: len(desk.telegram.sent) == 2)
    assert ["voice notes" in desk.telegram.sent[0].text, "places" in desk.telegram.sent[1].text] == [
        True,
        True,
    ]
    await desk.no_turn()


async def test_a_group_is_ignored_unless_the_owner_speaks_to_the_bot(desk: Desk) -> None:
    group = desk.telegram.group()
    async with desk.running():
        await desk.owner.says("just chatting", to=group)
        await desk.owner.says("/status@another_bot", to=group)
        await desk.owner.says("@chief_test_bot2, you there?", to=group)
        await desk.owner.says("@Chief_test_bot, what is going on?", to=group)
        turn = await desk.turn()
        await eventually(lambda: desk.telegram.unconfirmed == 0)
    assert turn.text == "what is going on?"
    assert turn.address == str(group.id)
    assert turn.session_id == f"telegram-group{group.id}"
    assert desk.telegram.sent == []
    await desk.no_turn()


async def test_typing_is_shown_while_the_answer_is_awaited(desk: Desk) -> None:
    async with desk.running():
        await desk.owner.says("hello")
        await desk.turn()
        shown = await desk.telegram.wait_for_call("sendChatAction")
    assert (shown.chat_id, shown.params["action"]) == (desk.owner.id, "typing")
