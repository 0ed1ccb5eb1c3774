"""What every session stream promises, over each that there is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import msgspec
import pytest

from gateway.errors import Busy, LeaseLost, TurnStopped
from gateway.session.memory import MemorySessionStream
from gateway.session.names import Position
from gateway.session.redis_stream import open_session_stream
from gateway.session.stream import Answered, Limits, SessionLease, SessionStream
from gateway.session.turns import Interrupted, Lane, ReplyChunk, SessionId, TurnHeard, TurnId
from tests.conformance.hearing import listening
from tests.conformance.turns import MAIN, a_notice, a_reply, a_turn
from tests.waiting import eventually

LIMITS = Limits(per_session=65, overall=70, retry_after_s=7)


@pytest.fixture(params=["memory", "redis"])
async def stream(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[SessionStream]:
    if request.param == "memory":
        yield MemorySessionStream(limits=LIMITS)
    else:
        async with open_session_stream(redis_url, limits=LIMITS) as opened:
            yield opened


async def lease(stream: SessionStream, *, lane: Lane = Lane.TALK, lease_s: float = 15) -> SessionLease:
    """The lease that must be there to be had."""
    held = await stream.acquire("brain", lane=lane, lease_s=lease_s, wait_s=2)
    assert held is not None
    return held


async def head(held: SessionLease) -> str | None:
    taken = await held.next_turn()
    return None if taken is None else taken.turn.text


async def test_an_appended_turn_is_taken_as_it_was_given(stream: SessionStream) -> None:
    turn = a_turn("create a task")
    appended = await stream.append(turn)
    held = await lease(stream)
    taken = await held.next_turn()
    assert (appended.turn_id, appended.duplicate) == (turn.id, False)
    assert taken is not None
    assert (taken.turn, taken.attempt) == (turn, 1)
    assert (held.session_id, held.lane) == (MAIN, Lane.TALK)


async def test_the_same_message_of_a_channel_is_taken_once(stream: SessionStream) -> None:
    first = a_turn(external_id="42")
    await stream.append(first)
    again = await stream.append(a_turn(external_id="42"))
    other_channel = await stream.append(a_turn(external_id="42", channel="telegram"))
    assert (again.turn_id, again.duplicate) == (first.id, True)
    assert not other_channel.duplicate


async def test_two_racing_appends_of_one_message_make_one_turn(stream: SessionStream) -> None:
    results = await asyncio.gather(*(stream.append(a_turn(external_id="42")) for _ in range(20)))
    assert sum(not appended.duplicate for appended in results) == 1
    assert len({appended.turn_id for appended in results}) == 1
    held = await lease(stream)
    taken = await held.next_turn()
    assert taken is not None
    await held.answer(a_reply(taken.turn))
    assert await held.next_turn() is None


async def test_turns_of_one_session_come_in_order(stream: SessionStream) -> None:
    for number in range(5):
        await stream.append(a_turn(str(number)))
    held = await lease(stream)
    seen = []
    while (taken := await held.next_turn()) is not None:
        seen.append(taken.turn.text)
        await held.answer(a_reply(taken.turn))
    assert seen == ["0", "1", "2", "3", "4"]


async def test_a_turn_stays_at_the_head_until_it_is_answered(stream: SessionStream) -> None:
    await stream.append(a_turn("first"))
    await stream.append(a_turn("second"))
    held = await lease(stream)
    attempts = [taken.attempt for _ in range(3) if (taken := await held.next_turn()) is not None]
    assert attempts == [1, 2, 3]
    assert await head(held) == "first"


async def test_one_session_is_leased_by_one_brain_at_a_time(stream: SessionStream) -> None:
    await stream.append(a_turn())
    await lease(stream)
    assert await stream.acquire("other", wait_s=0.05) is None


async def test_sessions_are_leased_side_by_side(stream: SessionStream) -> None:
    await stream.append(a_turn(session="a"))
    await stream.append(a_turn(session="b"))
    held = [await lease(stream), await lease(stream)]
    assert [one.session_id for one in held] == ["a", "b"]


async def test_a_control_turn_is_leased_beside_a_running_talk_turn(stream: SessionStream) -> None:
    await stream.append(a_turn("long work"))
    talk = await lease(stream)
    assert await head(talk) == "long work"
    await stream.append(a_turn("/status", lane=Lane.CONTROL))
    control = await lease(stream, lane=Lane.CONTROL)
    assert await head(control) == "/status"


async def test_acquire_wakes_when_a_turn_arrives(stream: SessionStream) -> None:
    waiting = asyncio.create_task(stream.acquire("brain", wait_s=10))
    await asyncio.sleep(0.05)
    started = asyncio.get_running_loop().time()
    await stream.append(a_turn())
    assert await waiting is not None
    assert asyncio.get_running_loop().time() - started < 1


async def test_acquire_returns_none_when_nothing_comes(stream: SessionStream) -> None:
    assert await stream.acquire("brain", wait_s=0.05) is None


async def test_a_released_session_is_there_for_the_next_brain_at_once(stream: SessionStream) -> None:
    await stream.append(a_turn())
    held = await lease(stream)
    await held.next_turn()
    await held.release()
    taken = await (await lease(stream)).next_turn()
    assert taken is not None
    assert taken.attempt == 2


async def test_a_refunded_try_does_not_count(stream: SessionStream) -> None:
    await stream.append(a_turn())
    held = await lease(stream)
    await held.next_turn()
    await held.release(refund=True)
    taken = await (await lease(stream)).next_turn()
    assert taken is not None
    assert taken.attempt == 1


async def test_an_emptied_session_is_not_leased_again_until_a_turn_comes(stream: SessionStream) -> None:
    turn = a_turn()
    await stream.append(turn)
    held = await lease(stream)
    await held.next_turn()
    await held.answer(a_reply(turn))
    await held.release()
    assert await stream.acquire("brain", wait_s=0.05) is None
    await stream.append(a_turn("next"))
    assert await head(await lease(stream)) == "next"


async def test_a_turn_that_arrives_during_a_lease_is_not_lost_at_its_release(stream: SessionStream) -> None:
    turn = a_turn("first")
    await stream.append(turn)
    held = await lease(stream)
    await held.next_turn()
    await held.answer(a_reply(turn))
    assert await held.next_turn() is None
    await stream.append(a_turn("late"))
    await held.release()
    assert await head(await lease(stream)) == "late"


async def test_an_expired_lease_is_taken_by_another_and_the_late_answer_refused(
    stream: SessionStream,
) -> None:
    turn = a_turn()
    await stream.append(turn)
    late = await lease(stream, lease_s=0.05)
    await late.next_turn()
    other = await lease(stream)
    with pytest.raises(LeaseLost):
        await late.answer(a_reply(turn, "from the late one"))
    with pytest.raises(LeaseLost):
        await late.renew()
    with pytest.raises(LeaseLost):
        await late.next_turn()
    await late.release()
    taken = await other.next_turn()
    assert taken is not None
    assert taken.attempt == 2
    async with listening(stream, after=Position("0-0")) as ear:
        await other.answer(a_reply(turn, "from the other"))
        await eventually(lambda: ear.durable == ["from the other"])


async def test_a_renewed_lease_outlives_its_first_end(stream: SessionStream) -> None:
    await stream.append(a_turn())
    held = await lease(stream, lease_s=0.3)
    for _ in range(4):
        await asyncio.sleep(0.1)
        await held.renew()
    assert await stream.acquire("other", wait_s=0.01) is None
    assert await head(held) == "hello"


async def test_only_the_taken_turn_can_be_answered(stream: SessionStream) -> None:
    await stream.append(a_turn())
    held = await lease(stream)
    await held.next_turn()
    with pytest.raises(ValueError, match="not the turn that was taken"):
        await held.answer(a_reply(a_turn()))


async def test_a_turn_set_aside_is_answered_and_gone(stream: SessionStream) -> None:
    turn = a_turn()
    await stream.append(turn)
    held = await lease(stream)
    await held.next_turn()
    async with listening(stream) as ear:
        await held.set_aside(a_reply(turn, "Sorry."), reason="it broke")
        await eventually(lambda: ear.durable == ["Sorry."])
    assert await held.next_turn() is None


async def test_a_notice_is_told_once(stream: SessionStream) -> None:
    async with listening(stream) as ear:
        told = [await stream.notify(a_notice()) for _ in range(3)]
        await stream.notify(a_notice("notice-2", text="last"))
        await eventually(lambda: ear.durable[-1:] == ["last"])
    assert told == [True, False, False]
    assert ear.durable == ["Done: it.", "last"]


async def test_a_listener_hears_chunks_then_the_reply(stream: SessionStream) -> None:
    turn = a_turn()
    await stream.append(turn)
    held = await lease(stream)
    await held.next_turn()
    async with listening(stream) as ear:
        for seq, text in enumerate(["re: ", "hello"]):
            await stream.publish(ReplyChunk(session_id=MAIN, turn_id=turn.id, seq=seq, text=text))
        await stream.publish(Interrupted(session_id=MAIN, turn_id=turn.id))
        await held.answer(a_reply(turn))
        await eventually(lambda: ear.durable == ["re: hello"])
    assert ear.chunks == ["re: ", "hello"]
    assert [at is None for at, _ in ear.heard] == [True, True, True, False]


async def test_a_listener_hears_only_its_session(stream: SessionStream) -> None:
    async with listening(stream) as ear:
        await stream.notify(a_notice("other", session="other", text="not for us"))
        await stream.notify(a_notice("ours", text="for us"))
        await eventually(lambda: ear.durable == ["for us"])


async def test_a_listener_without_a_position_starts_now(stream: SessionStream) -> None:
    await stream.notify(a_notice("old", text="old"))
    async with listening(stream) as ear:
        await stream.notify(a_notice("new", text="new"))
        await eventually(lambda: ear.durable == ["new"])


async def test_a_listener_resumes_without_gap_or_duplicate(stream: SessionStream) -> None:
    async def tell() -> None:
        for number in range(60):
            await stream.notify(a_notice(f"n{number}", text=str(number)))
            await asyncio.sleep(0.001)

    async def hear_seven(position: Position) -> tuple[list[str], Position]:
        async with listening(stream, after=position) as ear:
            await eventually(lambda: len(ear.durable) >= 7 or "59" in ear.durable)
        return ear.durable, ear.position or position

    heard: list[str] = []
    position = Position("0-0")
    telling = asyncio.create_task(tell())
    while len(heard) < 60:
        more, position = await hear_seven(position)
        heard += more
    await telling
    assert heard == [str(number) for number in range(60)]


async def test_the_last_address_of_each_channel_is_remembered(stream: SessionStream) -> None:
    await stream.append(a_turn(channel="telegram", address="1"))
    await stream.append(a_turn(channel="telegram", address="2"))
    await stream.append(a_turn(channel="web", address="tab"))
    addresses = await stream.addresses(MAIN)
    assert addresses.last_channel == "web"
    assert addresses.by_channel == {"telegram": "2", "web": "tab"}


async def test_a_call_leaves_the_last_channel_as_it_was(stream: SessionStream) -> None:
    await stream.append(a_turn(channel="telegram", address="1"))
    await stream.append(a_turn(channel="phone", address="+493012345678"))
    addresses = await stream.addresses(MAIN)
    assert addresses.last_channel == "telegram"
    assert addresses.by_channel["phone"] == "+493012345678"


async def test_a_session_that_was_never_heard_has_no_address(stream: SessionStream) -> None:
    assert (await stream.addresses(MAIN)).last_channel is None


async def test_an_appended_turn_is_heard_by_who_listens_once(stream: SessionStream) -> None:
    turn = a_turn("from the phone", channel="telegram")
    async with listening(stream) as ear:
        await stream.append(turn)
        await stream.append(turn)
        await stream.notify(a_notice(text="the end"))
        await eventually(lambda: ear.durable == ["the end"])
    position, said = ear.heard[0]
    assert isinstance(said, TurnHeard)
    assert (said.turn_id, said.text, said.channel) == (turn.id, "from the phone", "telegram")
    assert position is not None
    assert len(ear.heard) == 2


async def test_a_stop_marks_the_turn_at_the_head_and_its_answer_is_refused(stream: SessionStream) -> None:
    turn, stop = a_turn("long work"), a_turn("/stop", lane=Lane.CONTROL)
    await stream.append(turn)
    await stream.append(a_turn("behind"))
    talk = await lease(stream)
    await talk.next_turn()
    assert not await talk.stop_wanted()
    await stream.append(stop)
    assert await talk.stop_wanted()
    with pytest.raises(TurnStopped):
        await talk.answer(a_reply(turn, "too late"))
    control = await (await lease(stream, lane=Lane.CONTROL)).next_turn()
    assert control is not None
    assert control.stops == turn.id
    await talk.end_stopped(a_reply(turn, "stopped"))
    behind = await talk.next_turn()
    assert behind is not None
    assert (behind.turn.text, behind.stopped, behind.attempt) == ("behind", False, 1)


async def test_a_turn_that_was_stopped_before_anyone_took_it_comes_marked(stream: SessionStream) -> None:
    await stream.append(a_turn("never mind"))
    await stream.append(a_turn("/stop", lane=Lane.CONTROL))
    taken = await (await lease(stream)).next_turn()
    assert taken is not None
    assert taken.stopped


async def test_a_second_stop_stops_nothing_more(stream: SessionStream) -> None:
    await stream.append(a_turn("work"))
    for _ in range(2):
        await stream.append(a_turn("/stop", lane=Lane.CONTROL))
    control = await lease(stream, lane=Lane.CONTROL)
    first = await control.next_turn()
    assert first is not None
    await control.answer(a_reply(first.turn))
    second = await control.next_turn()
    assert second is not None
    assert (first.stops is None, second.stops) == (False, None)


async def test_a_stop_reaches_only_its_own_session(stream: SessionStream) -> None:
    await stream.append(a_turn("ours", session="a"))
    held = await lease(stream)
    await held.next_turn()
    await stream.append(a_turn("/stop", session="b", lane=Lane.CONTROL))
    assert not await held.stop_wanted()


async def test_an_interrupting_turn_stops_only_what_has_begun(stream: SessionStream) -> None:
    interrupting = msgspec.structs.replace(a_turn("second"), interrupts=True)
    await stream.append(a_turn("first"))
    await stream.append(interrupting)
    held = await lease(stream)
    first = await held.next_turn()
    assert first is not None
    assert not first.stopped
    await stream.append(msgspec.structs.replace(a_turn("third"), interrupts=True))
    assert await held.stop_wanted()


async def test_whoever_listens_for_stops_hears_the_turn(stream: SessionStream) -> None:
    stops = stream.stops()
    hearing = asyncio.ensure_future(anext(stops))
    turns = []
    try:
        for number in range(100):
            turns.append(a_turn("work", session=f"s{number % 60}"))
            if number < 60:
                await stream.append(turns[-1])
                await stream.append(a_turn("/stop", session=f"s{number}", lane=Lane.CONTROL))
            await asyncio.sleep(0.01)
            if hearing.done():
                break
        assert await asyncio.wait_for(hearing, 1) in {turn.id for turn in turns}
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        await stops.aclose()


async def test_who_overhears_gets_what_passes_in_every_session_and_which_turns_were_answered(
    stream: SessionStream,
) -> None:
    async with aclosing(stream.overhear()) as passing, asyncio.timeout(10):
        assert await anext(passing) is None, "from now on it hears"
        turn = a_turn(session="s1")
        await stream.append(turn)
        chunk = ReplyChunk(session_id=SessionId("s2"), turn_id=TurnId("t2"), seq=0, text="Well")
        void = Interrupted(session_id=SessionId("s3"), turn_id=TurnId("t3"))
        await stream.publish(chunk)
        await stream.publish(void)
        held = await lease(stream)
        await held.next_turn()
        await held.answer(a_reply(turn))
        assert [await anext(passing) for _ in range(3)] == [chunk, void, Answered(turn.id)]


async def test_a_session_with_too_many_waiting_turns_is_told_to_wait(stream: SessionStream) -> None:
    for number in range(LIMITS.per_session):
        await stream.append(a_turn(external_id=f"m{number}"))
    with pytest.raises(Busy) as refused:
        await stream.append(a_turn("one too many", external_id="late"))
    assert (refused.value.waiting, refused.value.everywhere) == (LIMITS.per_session, False)
    assert refused.value.retry_after_s == 7
    assert "One moment" in str(refused.value)
    assert (await stream.append(a_turn(external_id="m3"))).duplicate
    assert not (await stream.append(a_turn(session="other"))).duplicate
    held = await lease(stream)
    taken = await held.next_turn()
    assert taken is not None
    await held.answer(a_reply(taken.turn))
    assert not (await stream.append(a_turn("one too many", external_id="late"))).duplicate


async def test_too_many_waiting_turns_in_all_refuse_everybody_but_a_stop(stream: SessionStream) -> None:
    for number in range(LIMITS.overall):
        await stream.append(a_turn(session=f"s{number % 7}"))
    with pytest.raises(Busy) as refused:
        await stream.append(a_turn(session="quiet"))
    assert (refused.value.waiting, refused.value.everywhere) == (LIMITS.overall, True)
    assert not (await stream.append(a_turn("/stop", session="s1", lane=Lane.CONTROL))).duplicate
