"""Nothing is confirmed before it is durable, and no outage or odd message stops the reading."""

import asyncio
import time

import pytest

from gateway.session.memory import MemorySessionStream
from gateway.session.stream import Appended
from gateway.session.turns import Lane, Turn
from gateway.telegram import polling, taking
from tests.botapi import faults
from tests.botapi.faults import Fault
from tests.integration.gateway_telegram.conftest import Desk, next_turn, running
from tests.waiting import eventually


class HeldStream(MemorySessionStream):
    """Stores a turn, and says so only when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.stored = asyncio.Event()
        self.may_return = asyncio.Event()

    async def append(self, turn: Turn) -> Appended:
        appended = await super().append(turn)
        self.stored.set()
        await self.may_return.wait()
        return appended


class FaultyStream(MemorySessionStream):
    """Breaks on one text."""

    async def append(self, turn: Turn) -> Appended:
        if turn.text == "poison":
            raise ValueError("of no concern to the others")
        return await super().append(turn)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "FIRST_WAIT_S", 0.02)


async def test_an_update_is_confirmed_only_after_the_turn_is_durable(desk: Desk) -> None:
    held = HeldStream()
    async with desk.opened(held) as channel, running(channel):
        await desk.owner.says("hello")
        await held.stored.wait()
        assert desk.telegram.unconfirmed == 1
        held.may_return.set()
        await eventually(lambda: desk.telegram.unconfirmed == 0)


async def test_a_crash_before_the_confirmation_makes_no_second_turn(desk: Desk) -> None:
    held = HeldStream()
    async with desk.opened(held) as channel, running(channel):
        await desk.owner.says("hello")
        await held.stored.wait()
    assert desk.telegram.unconfirmed == 1

    held.may_return.set()
    async with desk.opened(held) as channel, running(channel):
        await eventually(lambda: desk.telegram.unconfirmed == 0)
    assert (await next_turn(held)).text == "hello"
    assert await held.acquire("test", lane=Lane.TALK, wait_s=0) is None


@pytest.mark.parametrize("method", ["getMe", "deleteWebhook", "setMyCommands", "getUpdates"])
@pytest.mark.parametrize(
    "fault",
    [
        faults.BadGateway(),
        faults.CutConnection(),
        faults.LoseAnswer(),
        faults.Refuse(500, "Internal Server Error"),
        faults.conflict(),
        faults.Refuse(401, "Unauthorized"),
        faults.too_many_requests(1),
    ],
    ids=lambda fault: type(fault).__name__ + str(getattr(fault, "code", "")),
)
async def test_a_message_arrives_through_an_outage(desk: Desk, method: str, fault: Fault) -> None:
    desk.telegram.fail(method, fault, times=2 if method == "getUpdates" else 1)
    await desk.owner.says("hello")
    async with desk.running():
        assert (await desk.turn()).text == "hello"


async def test_a_poll_that_is_never_answered_is_begun_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.telegram.client.CALL_TIMEOUT_S", 0.3)
    monkeypatch.setattr(polling, "POLL_S", 0)
    desk.telegram.fail("getUpdates", faults.Hang(3_600))
    await desk.owner.says("hello")
    async with desk.opened() as impatient, running(impatient):
        assert (await desk.turn()).text == "hello"


async def test_who_blocked_the_bot_meanwhile_holds_nobody_up(desk: Desk) -> None:
    await desk.owner.says("/whoami")
    desk.owner.blocks_the_bot()
    async with desk.running():
        await eventually(lambda: desk.telegram.unconfirmed == 0)
    assert desk.telegram.sent == []


async def test_a_message_that_cannot_be_taken_holds_up_no_other_and_the_person_is_told(desk: Desk) -> None:
    faulty = FaultyStream()
    await desk.owner.says("poison")
    await desk.owner.says("hello")
    async with desk.opened(faulty) as channel, running(channel):
        assert (await next_turn(faulty)).text == "hello"
        told = await desk.telegram.wait_for(lambda sent: sent.chat_id == desk.owner.id)
        await eventually(lambda: desk.telegram.unconfirmed == 0)
    assert "“poison”" in told.text
    assert "send it again" in told.text


async def test_an_update_that_cannot_be_read_spoils_itself_alone(desk: Desk) -> None:
    message = await desk.owner.says("hello")
    odd = {"update_id": 1, "message": {"message_id": "of a kind yet to be invented"}}
    sound = {"update_id": 2, "message": {**message, "text": "read all the same"}}
    desk.telegram.fail("getUpdates", faults.Answer([odd, sound]))
    async with desk.running():
        assert (await desk.turn()).text == "read all the same"


async def test_of_two_pollers_each_message_is_taken_once(desk: Desk) -> None:
    async with desk.opened(desk.stream) as second, running(second), desk.running():
        for number in range(5):
            await desk.owner.says(f"message {number}")
            assert (await desk.turn()).text == f"message {number}"
        await eventually(lambda: desk.telegram.unconfirmed == 0)
    await desk.no_turn()


async def test_the_channel_stops_at_once_in_the_middle_of_a_long_poll(desk: Desk) -> None:
    async with desk.running():
        await eventually(lambda: desk.telegram.menu)
        began = time.monotonic()
    assert time.monotonic() - began < 1
