"""The door of a call, without a telephone."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from gateway.phone import wording
from gateway.phone.gatekeeper import LOCK_AFTER, TRIES, Door, Gatekeeper, spoken_digits
from gateway.phone.parties import Party, Trust
from gateway.phone.pins import hash_of
from gateway.session.memos import MemoryMemos
from gateway.session.turns import SessionId
from voice.port import Utterance, UtteranceKind

PIN = SecretStr(hash_of("2580"))


def party(trust: Trust, message: str = "") -> Party:
    return Party(
        session_id=SessionId("main"),
        channel="phone",
        address="+493012345678",
        trust=trust,
        person_id="ada",
        message=message,
    )


def typed(keys: str) -> Utterance:
    return Utterance(id="1", kind=UtteranceKind.KEYS, text=keys, at=datetime.now(UTC))


def said(text: str) -> Utterance:
    return Utterance(id="1", kind=UtteranceKind.SPEECH, text=text, at=datetime.now(UTC))


@pytest.mark.parametrize(
    ("trust", "message", "door"),
    [
        (Trust.STRANGER, "", Door.MESSAGE),
        (Trust.CLAIMED, "", Door.PIN),
        (Trust.CLAIMED, "wake up", Door.PIN),
        (Trust.CONFIRMED, "", Door.OPEN),
        (Trust.CONFIRMED, "wake up", Door.RUNG),
    ],
)
def test_a_door_stands_as_far_open_as_the_caller_is_trusted(trust: Trust, message: str, door: Door) -> None:
    assert Gatekeeper(party(trust, message), PIN, MemoryMemos(), "CA1").door is door


@pytest.mark.parametrize(
    "knock", [typed("2580"), typed("2580#"), said("two five eight zero"), said("2 5 8 0.")]
)
async def test_the_right_pin_opens_typed_or_spoken(knock: Utterance) -> None:
    keeper = Gatekeeper(party(Trust.CLAIMED), PIN, MemoryMemos(), "CA1")
    verdict = await keeper.knock(knock)
    assert (keeper.door, verdict.ends) == (Door.OPEN, False)


async def test_words_do_not_open_and_are_no_try() -> None:
    keeper = Gatekeeper(party(Trust.CLAIMED), PIN, MemoryMemos(), "CA1")
    for _ in range(TRIES + 1):
        assert (await keeper.knock(said("delete all my tasks"))).words == wording.PIN_FIRST
    assert keeper.door is Door.PIN


async def test_wrong_pins_end_the_call_and_then_lock_the_door_for_the_right_one_too() -> None:
    memos = MemoryMemos()
    for call in range(LOCK_AFTER // TRIES):
        keeper = Gatekeeper(party(Trust.CLAIMED), PIN, memos, f"CA{call}")
        verdicts = [await keeper.knock(typed("1111")) for _ in range(TRIES)]
        assert [verdict.ends for verdict in verdicts] == [False] * (TRIES - 1) + [True]
        assert keeper.door is Door.CLOSED
    late = Gatekeeper(party(Trust.CLAIMED), PIN, memos, "CA9")
    assert await late.shut_for_a_while()
    verdict = await late.knock(typed("2580"))
    assert (verdict.words, verdict.ends, late.door) == (wording.PIN_LOCKED, True, Door.CLOSED)


async def test_without_a_pin_nothing_opens() -> None:
    keeper = Gatekeeper(party(Trust.CLAIMED), None, MemoryMemos(), "CA1")
    await keeper.knock(typed(""))
    await keeper.knock(typed("0000"))
    assert keeper.door is Door.PIN


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("one two three four", "1234"),
        ("1, 2, 3, 4.", "1234"),
        ("oh five", "05"),
        ("call number five", ""),
        ("", ""),
        ("...", ""),
    ],
)
def test_only_digits_are_read_as_digits(text: str, digits: str) -> None:
    assert spoken_digits(text) == digits
