"""How many calls there may be, and how those that we place come out."""

import asyncio

import pytest

from gateway.phone.lines import RESERVED_S, Lines
from gateway.phone.placed import Outcome, outcome_of


def test_no_more_are_let_in_than_there_are_lines_and_a_place_that_is_not_taken_is_free_again() -> None:
    now = 0.0
    lines = Lines(2, clock=lambda: now)
    assert [lines.reserve("a"), lines.reserve("b"), lines.reserve("c")] == [True, True, False]
    with lines.held_by("a"):
        assert not lines.reserve("c")
        now = RESERVED_S + 1
        assert lines.reserve("c")
        assert not lines.reserve("d")
    assert lines.reserve("d")


async def test_draining_waits_for_those_who_talk_and_lets_in_nobody() -> None:
    lines = Lines(2)
    with lines.held_by("a"):
        draining = asyncio.create_task(lines.drain(5))
        await asyncio.sleep(0)
        assert not lines.reserve("b")
        assert not draining.done()
    assert await draining
    assert not lines.out_of_time.is_set()


async def test_who_talks_for_too_long_is_told_to_end() -> None:
    lines = Lines(2)

    async def talk() -> None:
        with lines.held_by("a"):
            await lines.out_of_time.wait()

    talking = asyncio.create_task(talk())
    await asyncio.sleep(0)
    assert await lines.drain(0.01) is False
    await talking
    assert lines.held == 0


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({}, None),
        ({"status": "ringing"}, None),
        ({"status": "in-progress"}, None),
        ({"status": "in-progress", "answered_by": "human"}, Outcome.TAKEN),
        ({"status": "in-progress", "answered_by": "unknown"}, Outcome.TAKEN),
        ({"status": "completed"}, Outcome.TAKEN),
        ({"status": "completed", "answered_by": "machine_end_beep"}, Outcome.MACHINE),
        ({"answered_by": "fax"}, Outcome.MACHINE),
        ({"status": "busy"}, Outcome.BUSY),
        ({"status": "no-answer"}, Outcome.NO_ANSWER),
        ({"status": "failed"}, Outcome.FAILED),
        ({"status": "canceled"}, Outcome.CANCELLED),
    ],
)
def test_what_twilio_tells_is_read_as_one_outcome(told: dict[str, str], outcome: Outcome | None) -> None:
    assert outcome_of(told) is outcome
