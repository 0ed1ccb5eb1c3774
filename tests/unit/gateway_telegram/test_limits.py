"""How fast is answered."""

import pytest

from gateway.telegram.pacing import Pacer


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds


async def test_a_chat_gets_a_short_burst_and_then_one_message_a_second() -> None:
    time = Time()
    pacer = Pacer(time, time.sleep)
    sent_at = []
    for _ in range(6):
        await pacer.turn(1)
        sent_at.append(time.now_s - 1000)
    assert sent_at == pytest.approx([0, 0, 0, 1, 2, 3])


async def test_a_group_gets_twenty_messages_a_minute() -> None:
    time = Time()
    pacer = Pacer(time, time.sleep)
    for _ in range(23):
        await pacer.turn(-1)
    assert time.now_s - 1000 == pytest.approx(60)


async def test_all_chats_together_get_thirty_a_second() -> None:
    time = Time()
    pacer = Pacer(time, time.sleep)
    for chat in range(95):
        await pacer.turn(chat + 1)
    assert time.now_s - 1000 == pytest.approx(3, abs=0.1)


async def test_more_chats_than_are_remembered_still_get_their_messages() -> None:
    time = Time()
    pacer = Pacer(time, time.sleep)
    for chat in range(2_500):
        await pacer.turn(chat + 1)
    assert time.now_s > 1000
