"""Edits, topics, groups, several tasks at once, drafts and receipts."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY

from gateway.outbound import Outgoing
from gateway.session.turns import Interrupted, Reply, ReplyChunk, Turn
from gateway.telegram import drafts
from tests.botapi import Sent, faults
from tests.integration.gateway_telegram.conftest import BOTH_MODES, Desk
from tests.waiting import eventually

pytestmark = BOTH_MODES


def answer(turn: Turn, text: str) -> Outgoing:
    return Outgoing(
        id=f"reply-{turn.id}", session_id=turn.session_id, kind="reply", text=text, turn_id=turn.id
    )


async def deliver(desk: Desk, turn: Turn, text: str) -> None:
    async def sent() -> None:
        pass

    await desk.channel.deliver(turn.address, answer(turn, text), sent)


async def test_each_line_of_a_task_message_is_a_turn_in_its_order(desk: Desk) -> None:
    async with desk.running():
        await desk.owner.says("/task Buy paint @home !high\nCall Bob due:friday\n- Write to Eve")
        turns = [await desk.turn() for _ in range(3)]
    assert [turn.text for turn in turns] == [
        "/task Buy paint @home !high",
        "/task Call Bob due:friday",
        "/task Write to Eve",
    ]
    assert len({turn.id for turn in turns}) == 3
    await desk.no_turn()


async def test_too_many_tasks_at_once_are_refused_as_a_whole(desk: Desk) -> None:
    async with desk.running():
        await desk.owner.says("/task " + "\n".join(f"task number {number}" for number in range(21)))
        refused = await desk.telegram.wait_for(lambda sent: "21 tasks" in sent.text)
    assert "Nothing was created" in refused.text
    await desk.no_turn()


async def test_an_edited_message_is_a_correction_behind_the_first(desk: Desk) -> None:
    async with desk.running():
        message = await desk.owner.says("order 10 chairs")
        await desk.owner.edits(message, "order 12 chairs")
        first, correction = await desk.turn(), await desk.turn()
        await desk.owner.edits(message, "order 12 chairs")  # as Telegram reports a link's preview
        await desk.owner.says("thanks")
        assert (await desk.turn()).text == "thanks"
    assert first.text == "order 10 chairs"
    assert correction.text == "Correction of my earlier message: order 12 chairs"
    assert correction.reply_to == first.id


async def test_an_edited_command_is_explained_and_not_carried_out_again(desk: Desk) -> None:
    async with desk.running():
        message = await desk.owner.says("/task Buy paint")
        await desk.turn()
        await desk.owner.edits(message, "/task Buy green paint")
        told = await desk.telegram.wait_for(lambda sent: "an edit does not change" in sent.text)
    assert told.chat_id == desk.owner.id
    await desk.no_turn()


async def test_a_group_message_that_an_edit_addresses_to_the_bot_is_heard(desk: Desk) -> None:
    group = desk.telegram.group()
    async with desk.running():
        message = await desk.owner.says("what is going on?", to=group)
        await desk.owner.edits(message, "@chief_test_bot what is going on?")
        assert (await desk.turn()).text == "what is going on?"


async def test_a_topic_is_a_session_and_is_answered_in_its_place(desk: Desk) -> None:
    forum = desk.telegram.group("Forum", topics=(7, 9))
    async with desk.running():
        await desk.owner.says("@chief_test_bot hello", to=forum, topic=7)
        turn = await desk.turn()
        await deliver(desk, turn, "Here I am.")
        await desk.owner.says("@chief_test_bot hello", to=forum)
        outside = await desk.turn()
    assert turn.session_id == f"telegram-group{forum.id}-topic-7"
    assert outside.session_id == f"telegram-group{forum.id}"
    (sent,) = desk.telegram.to(forum)
    assert sent.params["message_thread_id"] == 7


async def test_in_a_group_an_answer_to_the_bot_is_heard_and_answered_as_one(desk: Desk) -> None:
    group = desk.telegram.group()
    async with desk.running():
        asked = await desk.owner.says("@chief_test_bot hello", to=group)
        await deliver(desk, await desk.turn(), "Hello.")
        (sent,) = desk.telegram.to(group)
        assert sent.params["reply_parameters"]["message_id"] == asked["message_id"]
        message = desk.telegram.account.message(group.id, sent.message_id or 0)
        await desk.owner.says("and now?", to=group, answering=message)
        assert (await desk.turn()).text == "and now?"


async def test_receipts_show_what_was_seen_and_what_was_answered(desk: Desk) -> None:
    async with desk.running():
        message = await desk.owner.says("hello")
        turn = await desk.turn()
        at = (desk.owner.id, message["message_id"])
        await eventually(lambda: desk.telegram.account.reactions.get(at) == "👀")
        await deliver(desk, turn, "Hello.")
        await eventually(lambda: desk.telegram.account.reactions.get(at) == "👍")


async def test_who_is_answered_at_once_gets_one_receipt(desk: Desk) -> None:
    async with desk.running():
        message = await desk.owner.says("hello")
        await deliver(desk, await desk.turn(), "Hello.")
        at = (desk.owner.id, message["message_id"])
        await eventually(lambda: desk.telegram.account.reactions.get(at) == "👍")
    shown = [call for call in desk.telegram.calls if call.method == "setMessageReaction"]
    assert len(shown) == 1


async def test_the_time_on_both_ways_is_measured(desk: Desk) -> None:
    before = measured()
    async with desk.running():
        await desk.owner.says("hello")
        turn = await desk.turn()
        await deliver(desk, turn, "Hello.")
        assert measured() == (before[0] + 1, before[1]), "of a later try nobody knows when it was ready"
        ready = replace(answer(turn, "Hello again."), ready_at=datetime.now(UTC))
        await desk.channel.deliver(turn.address, ready, taken)
    assert measured() == (before[0] + 1, before[1] + 1)


async def taken() -> None:
    """Of a part that was sent."""


def measured() -> tuple[float, float]:
    """How many messages were measured on the way in, and on the way out."""
    into, out = (
        REGISTRY.get_sample_value(f"cos_telegram_{way}_seconds_count") or 0.0 for way in ("in", "out")
    )
    return into, out


async def test_a_reaction_that_is_refused_harms_nothing(desk: Desk) -> None:
    desk.telegram.fail("setMessageReaction", faults.Refuse(400, "Bad Request: REACTION_INVALID"), times=9)
    async with desk.running():
        await desk.owner.says("hello")
        turn = await desk.turn()
        await deliver(desk, turn, "Hello.")
    assert desk.telegram.sent[-1].text == "Hello."


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "FIRST_AFTER_S", 0.02)
    monkeypatch.setattr(drafts, "EVERY_S", 0.05)


async def say(desk: Desk, turn: Turn, *words: str, first: int = 0) -> None:
    for seq, word in enumerate(words, start=first):
        await desk.stream.publish(ReplyChunk(session_id=turn.session_id, turn_id=turn.id, seq=seq, text=word))


async def waiting_turn(desk: Desk) -> Turn:
    """The turn in a brain's hands, not answered yet."""
    lease = await desk.stream.acquire("test", wait_s=10)
    assert lease is not None
    taken = await lease.next_turn()
    assert taken is not None
    return taken.turn


def drafted(desk: Desk, text: str) -> "asyncio.Future[Sent] | object":
    return desk.telegram.wait_for(lambda sent: sent.text == text + " …")


@pytest.mark.usefixtures("_hasty")
async def test_a_long_answer_is_shown_while_it_is_written_and_ends_exact(desk: Desk) -> None:
    async with desk.running():
        await desk.owner.says("tell me a story")
        turn = await waiting_turn(desk)
        await say(desk, turn, "Once ", "upon")
        shown = await desk.telegram.wait_for(lambda sent: sent.text == "Once upon …")
        await say(desk, turn, " a time", first=2)
        await desk.telegram.wait_for(lambda sent: sent.text == "Once upon a time …")
        await deliver(desk, turn, "Once upon **a time**.")
    assert [sent.method for sent in desk.telegram.sent] == ["sendMessage", *["editMessageText"] * 2]
    assert desk.telegram.now(shown) == "Once upon a time."
    assert desk.telegram.sent[-1].styled("bold") == ["a time"]


@pytest.mark.usefixtures("_hasty")
async def test_an_answer_that_begins_anew_takes_the_old_words_back(desk: Desk) -> None:
    async with desk.running():
        await desk.owner.says("tell me a story")
        turn = await waiting_turn(desk)
        await say(desk, turn, "Wrong")
        await desk.telegram.wait_for(lambda sent: sent.text == "Wrong …")
        await desk.stream.publish(Interrupted(session_id=turn.session_id, turn_id=turn.id))
        await say(desk, turn, "Right")
        await desk.telegram.wait_for(lambda sent: sent.text == "Right …")


@pytest.mark.usefixtures("_hasty")
async def test_a_draft_is_finished_by_a_gateway_that_never_saw_it(desk: Desk) -> None:
    async with desk.running():
        await desk.owner.says("tell me a story")
        turn = await waiting_turn(desk)
        await say(desk, turn, "Once")
        shown = await desk.telegram.wait_for(lambda sent: sent.text == "Once …")
    async with desk.opened() as heir:

        async def sent() -> None:
            pass

        await heir.deliver(turn.address, answer(turn, "Once upon a time."), sent)
    assert desk.telegram.now(shown) == "Once upon a time."


@pytest.mark.usefixtures("_hasty")
async def test_a_draft_that_is_gone_or_refused_costs_no_answer(desk: Desk) -> None:
    async with desk.running():
        await desk.owner.says("tell me a story")
        turn = await waiting_turn(desk)
        await say(desk, turn, "Once")
        await desk.telegram.wait_for(lambda sent: sent.text == "Once …")
        desk.telegram.fail("editMessageText", faults.Refuse(400, "Bad Request: message to edit not found"))
        await deliver(desk, turn, "Once upon a time.")
    assert [(sent.method, sent.text) for sent in desk.telegram.sent][-1] == (
        "sendMessage",
        "Once upon a time.",
    )


@pytest.mark.usefixtures("_hasty")
async def test_chunks_with_a_hole_are_never_shown(desk: Desk) -> None:
    async with desk.running():
        await desk.owner.says("tell me a story")
        turn = await waiting_turn(desk)
        await say(desk, turn, "upon", first=1)
        await say(desk, turn, "a time", first=2)
        reply = Reply(
            session_id=turn.session_id,
            turn_id=turn.id,
            channel=turn.channel,
            address=turn.address,
            text="",
            at=datetime.now(UTC),
        )
        desk.stream.say(reply)
        await deliver(desk, turn, "Once upon a time.")
    assert [sent.text for sent in desk.telegram.sent] == ["Once upon a time."]
