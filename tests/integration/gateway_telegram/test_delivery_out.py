"""Replies and notices as the person gets them, and what Telegram's refusals become."""

import pytest

from gateway.outbound import Outgoing, RetryLater, Undeliverable
from gateway.telegram.parts import REPEAT_MARK
from tests.botapi import faults
from tests.botapi.faults import Fault
from tests.integration.gateway_telegram.conftest import Desk


class Progress:
    """Counts the parts that the channel reports as sent."""

    def __init__(self) -> None:
        self.parts = 0

    async def sent(self) -> None:
        self.parts += 1


def reply(text: str, *, parts_sent: int = 0, possible_repeat: bool = False) -> Outgoing:
    return Outgoing(
        id="reply-1",
        session_id="main",
        kind="reply",
        text=text,
        turn_id="turn-1",
        parts_sent=parts_sent,
        possible_repeat=possible_repeat,
    )


@pytest.fixture
def parts(desk: Desk) -> Progress:
    desk.owner.started = True
    return Progress()


async def deliver(desk: Desk, outgoing: Outgoing, parts: Progress) -> None:
    await desk.channel.deliver(str(desk.owner.id), outgoing, parts.sent)


async def test_a_reply_is_shown_with_its_formatting(desk: Desk, parts: Progress) -> None:
    await deliver(desk, reply("Created **task 1**, `a < b` & [more](https://panel.example/t/1)."), parts)
    (sent,) = desk.telegram.sent
    assert sent.text == "Created task 1, a < b & more."
    assert sent.styled("bold") == ["task 1"]
    assert sent.styled("code") == ["a < b"]
    assert sent.entities[-1].url == "https://panel.example/t/1"
    assert parts.parts == 1


async def test_markup_that_telegram_refuses_arrives_as_plain_text(desk: Desk, parts: Progress) -> None:
    desk.telegram.fail("sendMessage", faults.cannot_parse())
    await deliver(desk, reply("It is **done**."), parts)
    (sent,) = desk.telegram.sent
    assert (sent.text, sent.entities) == ("It is done.", ())
    assert parts.parts == 1


async def test_a_long_reply_comes_in_parts_that_make_the_whole(desk: Desk, parts: Progress) -> None:
    text = "\n\n".join(f"Paragraph {number} " + "🙂 word " * 60 for number in range(20))
    await deliver(desk, reply(text), parts)
    assert "".join("".join(sent.text for sent in desk.telegram.sent).split()) == "".join(text.split())
    assert parts.parts == len(desk.telegram.sent) == 3


async def test_a_refused_part_is_where_the_next_try_goes_on(desk: Desk, parts: Progress) -> None:
    text = "first " * 600 + "\n\n" + "second " * 500
    desk.telegram.fail("sendMessage", faults.LoseAnswer())
    with pytest.raises(RetryLater):
        await deliver(desk, reply(text), parts)
    assert parts.parts == 0
    await deliver(desk, reply(text, possible_repeat=True), parts)
    lost, repeated, last = desk.telegram.sent
    assert repeated.text == REPEAT_MARK + lost.text
    assert last.text.startswith("second")
    assert parts.parts == 2


async def test_parts_that_went_out_are_not_sent_again(desk: Desk, parts: Progress) -> None:
    await deliver(desk, reply("a" * 4000 + "\n\n" + "b" * 100, parts_sent=1), parts)
    (sent,) = desk.telegram.sent
    assert sent.text == "b" * 100


async def test_flood_control_is_obeyed(desk: Desk, parts: Progress) -> None:
    desk.telegram.fail("sendMessage", faults.too_many_requests(17))
    with pytest.raises(RetryLater) as refused:
        await deliver(desk, reply("hello"), parts)
    assert refused.value.after_s == 17
    assert desk.telegram.sent == []


@pytest.mark.parametrize(
    "fault",
    [faults.BadGateway(), faults.CutConnection(), faults.Refuse(500, "Internal"), faults.Refuse(401, "No")],
    ids=lambda fault: type(fault).__name__ + str(getattr(fault, "code", "")),
)
async def test_an_outage_is_tried_again_later(desk: Desk, parts: Progress, fault: Fault) -> None:
    desk.telegram.fail("sendMessage", fault)
    with pytest.raises(RetryLater) as refused:
        await deliver(desk, reply("hello"), parts)
    assert refused.value.after_s is None


async def test_an_answer_that_does_not_come_leaves_a_doubt(
    desk: Desk, parts: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.telegram.client.CALL_TIMEOUT_S", 0.2)
    desk.telegram.fail("sendMessage", faults.Hang(1))
    async with desk.opened() as impatient:
        with pytest.raises(RetryLater) as refused:
            await impatient.deliver(str(desk.owner.id), reply("hello"), parts.sent)
    assert refused.value.perhaps_sent
    assert parts.parts == 0


async def test_a_blocked_bot_does_not_try_again(desk: Desk, parts: Progress) -> None:
    desk.owner.blocks_the_bot()
    with pytest.raises(Undeliverable, match="blocked"):
        await deliver(desk, reply("hello"), parts)


@pytest.mark.parametrize("address", ["99999", "not-a-chat"])
async def test_a_chat_that_does_not_exist_is_undeliverable(desk: Desk, parts: Progress, address: str) -> None:
    with pytest.raises(Undeliverable):
        await desk.channel.deliver(address, reply("hello"), parts.sent)


async def test_a_reply_of_nothing_sends_nothing(desk: Desk, parts: Progress) -> None:
    await deliver(desk, reply("\n"), parts)
    assert desk.telegram.calls == []


async def test_the_answer_ends_the_typing(desk: Desk, parts: Progress) -> None:
    async with desk.running():
        await desk.owner.says("hello")
        turn = await desk.turn()
        await desk.telegram.wait_for_call("sendChatAction")
        answer = Outgoing(id="r", session_id="main", kind="reply", text="hi", turn_id=turn.id)
        await deliver(desk, answer, parts)
        await desk.owner.says("/whoami")
        await desk.telegram.wait_for(lambda sent: "Telegram id" in sent.text)
    assert len([call for call in desk.telegram.calls if call.method == "sendChatAction"]) == 1
