"""Answers as they come in, in order or not."""

import asyncio
from datetime import UTC, datetime

import pytest

from gateway.phone import wording
from gateway.phone.hearing import CORRECTED, Answer, left_to_say
from gateway.session.turns import Reply, ReplyChunk, SessionId, TurnId

MAIN, TURN = SessionId("main"), TurnId("t1")


def chunk(seq: int, text: str) -> ReplyChunk:
    return ReplyChunk(session_id=MAIN, turn_id=TURN, seq=seq, text=text)


def reply(text: str) -> Reply:
    return Reply(session_id=MAIN, turn_id=TURN, channel="phone", address="", text=text, at=datetime.now(UTC))


async def spoken(answer: Answer) -> str:
    async with asyncio.timeout(2):
        return "".join([piece async for piece in answer.pieces()])


@pytest.mark.parametrize(
    ("said", "whole", "left"),
    [
        ("", "All done.", "All done."),
        ("All done.", "All done.", ""),
        ("All ", "All done.", "done."),
        ("I will look. All done.", "All done.", ""),
        ("I will look. Created task 12 and", "Created task 12 and told Bob.", " told Bob."),
        ("I created task 12.", "I could not create it.", f" {CORRECTED}I could not create it."),
    ],
)
def test_what_was_said_is_not_said_twice_and_what_was_wrong_is_corrected(
    said: str, whole: str, left: str
) -> None:
    assert left_to_say(said, whole) == left


async def test_chunks_are_spoken_as_they_come_and_the_reply_ends_them() -> None:
    answer = Answer()
    pieces = answer.pieces()
    answer.chunk(chunk(0, "Created "))
    assert await anext(pieces) == "Created "
    answer.whole(reply("Created task 12."))
    assert [piece async for piece in pieces] == ["task 12."]


async def test_behind_a_lost_chunk_the_whole_reply_is_waited_for() -> None:
    answer = Answer()
    answer.chunk(chunk(0, "One. "))
    answer.chunk(chunk(2, "Three."))
    answer.whole(reply("One. Two. Three."))
    assert await spoken(answer) == "One. Two. Three."


async def test_what_became_void_is_not_spoken() -> None:
    answer = Answer()
    answer.chunk(chunk(0, "From a brain that died."))
    answer.begin_anew()
    answer.chunk(chunk(0, "Again"))
    answer.whole(reply("The true answer."))
    assert await spoken(answer) == "The true answer."


async def test_who_waits_hears_that_the_answer_is_begun_anew_and_then_all_of_it() -> None:
    answer = Answer(at_once_s=0.01)
    pieces = answer.pieces()
    answer.chunk(chunk(0, "From a brain that died."))
    assert await anext(pieces) == "From a brain that died."
    answer.begin_anew()
    assert await anext(pieces) == wording.BEGINS_ANEW
    answer.whole(reply("From a brain that lives."))
    assert [piece async for piece in pieces] == ["From a brain that lives."]


async def test_what_was_stopped_is_not_said_to_be_tried_again() -> None:
    answer = Answer(at_once_s=5)
    speaking = asyncio.create_task(spoken(answer))
    answer.begin_anew()
    await asyncio.sleep(0)
    answer.whole(reply("Stopped."))
    assert await speaking == "Stopped."


async def test_an_answer_that_does_not_come_is_not_waited_for_for_ever() -> None:
    with pytest.raises(TimeoutError):
        await anext(Answer().pieces(0.01))


async def test_an_answer_can_be_waited_for_beside_its_being_spoken() -> None:
    answer = Answer()
    waiting = [asyncio.create_task(answer.finished()), asyncio.create_task(spoken(answer))]
    await asyncio.sleep(0)
    answer.whole(reply("Done."))
    finished, words = await asyncio.gather(*waiting)
    assert (finished.text, words) == ("Done.", "Done.")  # type: ignore[attr-defined]
