"""Who is answered, and how fast."""

import pytest

from gateway.telegram.access import REFUSAL_EVERY_S, Access
from gateway.telegram.pacing import Pacer


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds


def test_nobody_is_allowed_by_default() -> None:
    assert not Access(frozenset(), Time()).allows(1)


def test_a_stranger_is_told_once_an_hour() -> None:
    time = Time()
    access = Access(frozenset({7}), time)
    assert access.may_tell(1)
    assert not access.may_tell(1)
    assert access.may_tell(2)
    time.now_s += REFUSAL_EVERY_S
    assert access.may_tell(1)


def test_a_crowd_of_strangers_does_not_fill_the_memory() -> None:
    access = Access(frozenset(), Time())
    assert sum(access.may_tell(user) for user in range(20_000)) == 10_000


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
