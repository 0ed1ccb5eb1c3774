"""Brains at work on a real Redis."""

import asyncio
import random
from collections import defaultdict
from contextlib import suppress
from functools import partial

import msgspec
from redis.asyncio import Redis

from gateway.session.metrics import read_metrics
from gateway.session.names import Position
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.serving import APOLOGY, Say, serve_turns
from gateway.session.stopping import IS_STOPPED, NOTHING_RUNS, STOPPED
from gateway.session.turns import Lane, Reply, Turn
from tests.conformance.hearing import listening
from tests.conformance.turns import a_reply, a_turn
from tests.integration.gateway.brains import brain, stuck_brain_process
from tests.waiting import eventually


async def echo(turn: Turn, say: Say) -> Reply:
    for word in turn.text.split():
        await say(word)
    return a_reply(turn)


async def test_a_turn_is_answered_with_its_chunks_before_it(stream: RedisSessionStream) -> None:
    async with listening(stream) as ear, brain(stream, echo):
        await stream.append(a_turn("one two"))
        await eventually(lambda: ear.durable == ["re: one two"])
    assert ear.chunks == ["one", "two"]


async def test_sessions_keep_their_order_and_run_side_by_side_over_two_brains(
    stream: RedisSessionStream,
) -> None:
    seen: dict[str, list[int]] = defaultdict(list)
    running: set[str] = set()
    most = 0

    async def handle(turn: Turn, say: Say) -> Reply:
        nonlocal most
        assert turn.session_id not in running, "two turns of one session at a time"
        running.add(turn.session_id)
        most = max(most, len(running))
        await asyncio.sleep(random.uniform(0, 0.004))  # noqa: S311
        running.remove(turn.session_id)
        seen[turn.session_id].append(int(turn.text))
        return a_reply(turn)

    sessions = [f"s{number}" for number in range(8)]
    async with brain(stream, handle, name="a", slots=3), brain(stream, handle, name="b", slots=3):
        for number in range(30):
            await asyncio.gather(*(stream.append(a_turn(str(number), session=one)) for one in sessions))
        await eventually(lambda: all(len(seen[one]) == 30 for one in sessions), timeout_s=30)
    assert all(seen[one] == list(range(30)) for one in sessions)
    assert most > 1


async def test_a_control_turn_is_answered_while_every_talk_slot_is_busy(stream: RedisSessionStream) -> None:
    release = asyncio.Event()

    async def handle(turn: Turn, say: Say) -> Reply:
        if turn.lane is Lane.TALK:
            await release.wait()
        return a_reply(turn)

    async with listening(stream) as ear, brain(stream, handle, slots=1):
        await stream.append(a_turn("long work"))
        await stream.append(a_turn("/status", lane=Lane.CONTROL))
        await eventually(lambda: ear.durable == ["re: /status"])
        release.set()
        await eventually(lambda: ear.durable == ["re: /status", "re: long work"])


async def test_a_waiting_brain_picks_a_turn_up_within_a_few_milliseconds(stream: RedisSessionStream) -> None:
    loop = asyncio.get_running_loop()
    taken_at: dict[str, float] = {}

    async def handle(turn: Turn, say: Say) -> Reply:
        taken_at[turn.id] = loop.time()
        return a_reply(turn)

    delays = []
    async with brain(stream, handle):
        for number in range(50):
            turn = a_turn(session=f"s{number % 5}")
            began = loop.time()
            await stream.append(turn)
            await eventually(partial(taken_at.get, turn.id), every_s=0.001)
            delays.append(taken_at[turn.id] - began)
    delays.sort()
    print(f"pickup p50 {delays[25] * 1000:.1f} ms, p98 {delays[48] * 1000:.1f} ms")  # noqa: T201
    assert delays[25] < 0.1


async def test_a_killed_brains_turn_is_answered_by_another_once(
    stream: RedisSessionStream, redis_url: str
) -> None:
    turn = a_turn("survive")
    async with listening(stream) as ear, stuck_brain_process(redis_url, lease_s=0.5) as process:
        await stream.append(turn)
        assert process.stdout is not None
        assert (await process.stdout.readline()).decode().strip() == turn.id
        process.kill()
        await process.wait()
        async with brain(stream, echo):
            await eventually(lambda: ear.durable == ["re: survive"])
            await stream.append(a_turn("and on"))
            await eventually(lambda: ear.durable == ["re: survive", "re: and on"])
    assert ear.interruptions == 1


async def test_a_late_brain_is_stopped_and_its_answer_refused(
    stream: RedisSessionStream, redis: Redis
) -> None:
    stopped = asyncio.Event()

    async def outrun(turn: Turn, say: Say) -> Reply:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            stopped.set()
            raise
        return a_reply(turn, "from the late one")

    await stream.append(a_turn("hello"))
    async with brain(stream, outrun, name="late", slots=1, lease_s=0.6):
        await eventually(lambda: _held_by(redis, b"late"))
        # As if the late brain had been frozen for longer than its lease.
        await redis.zadd("cos:ready:talk", {"talk:main": 0})
        held = await stream.acquire("other", wait_s=2)
        assert held is not None
        taken = await held.next_turn()
        assert taken is not None
        await asyncio.wait_for(stopped.wait(), 5)
        async with listening(stream, after=Position("0-0")) as ear:
            await held.answer(a_reply(taken.turn, "from the other"))
            await eventually(lambda: ear.durable == ["from the other"])


async def _held_by(redis: Redis, name: bytes) -> bool:
    return await redis.hget("cos:hold:talk:main", "holder") == name


async def test_a_failed_turn_is_tried_again_before_the_ones_behind_it(stream: RedisSessionStream) -> None:
    tries = 0

    async def handle(turn: Turn, say: Say) -> Reply:
        nonlocal tries
        tries += turn.text == "fragile"
        if turn.text == "fragile" and tries < 3:
            raise RuntimeError("not yet")
        return a_reply(turn)

    async with listening(stream) as ear, brain(stream, handle):
        await stream.append(a_turn("fragile"))
        await stream.append(a_turn("behind"))
        await eventually(lambda: ear.durable == ["re: fragile", "re: behind"])
    assert tries == 3


async def test_a_poison_turn_is_set_aside_with_an_apology_and_the_next_one_answered(
    stream: RedisSessionStream, redis: Redis
) -> None:
    tries = 0

    async def handle(turn: Turn, say: Say) -> Reply:
        nonlocal tries
        if turn.text == "poison":
            tries += 1
            raise RuntimeError("it cannot be swallowed")
        return a_reply(turn)

    async with listening(stream) as ear, brain(stream, handle):
        await stream.append(a_turn("poison"))
        await stream.append(a_turn("next"))
        await eventually(lambda: ear.durable == [APOLOGY, "re: next"])
    assert tries == 3
    [(_, aside)] = await redis.xrange("cos:aside") or []
    assert aside is not None
    assert aside[b"reason"] == b"RuntimeError: it cannot be swallowed"
    assert b'"text":"poison"' in aside[b"turn"]


async def test_a_turn_that_kills_its_brain_three_times_is_set_aside_untried(
    stream: RedisSessionStream, redis: Redis
) -> None:
    await stream.append(a_turn("deadly"))
    for _ in range(3):
        held = await stream.acquire("dies", lease_s=0.01)
        assert held is not None
        await held.next_turn()
    tried = []

    async def handle(turn: Turn, say: Say) -> Reply:
        tried.append(turn.id)
        return a_reply(turn)

    async with listening(stream) as ear, brain(stream, handle):
        await eventually(lambda: ear.durable == [APOLOGY])
    assert tried == []


async def test_a_stopping_brain_hands_its_turn_back_at_once_and_uncounted(stream: RedisSessionStream) -> None:
    began = asyncio.Event()

    async def hang(turn: Turn, say: Say) -> Reply:
        began.set()
        await asyncio.sleep(3600)
        return a_reply(turn)

    await stream.append(a_turn())
    async with brain(stream, hang):
        await began.wait()
    held = await stream.acquire("next", wait_s=1)
    assert held is not None
    taken = await held.next_turn()
    assert taken is not None
    assert taken.attempt == 1


async def test_nothing_is_left_in_redis_of_an_answered_turn_but_what_expires(
    stream: RedisSessionStream, redis: Redis
) -> None:
    async with listening(stream) as ear, brain(stream, echo):
        await stream.append(a_turn())
        await eventually(lambda: ear.durable)
        await eventually(lambda: _gone(redis, "cos:hold:talk:main"))
    endless = {key async for key in redis.scan_iter("cos:*") if await redis.ttl(key) == -1}
    assert endless <= {b"cos:addresses:main", b"cos:wake:talk", b"cos:count:turns"}


async def _gone(redis: Redis, key: str) -> bool:
    return await redis.exists(key) == 0


async def test_a_stop_cancels_what_runs_and_frees_the_session_at_once(stream: RedisSessionStream) -> None:
    loop = asyncio.get_running_loop()
    ended: list[str] = []

    async def handle(turn: Turn, say: Say) -> Reply:
        if turn.text == "long work":
            await say("I am")
            try:
                await asyncio.sleep(3600)
            finally:
                ended.append(turn.text)
        return a_reply(turn)

    async with listening(stream) as ear, brain(stream, handle, name="a"), brain(stream, handle, name="b"):
        await stream.append(a_turn("long work"))
        await eventually(lambda: ear.chunks == ["I am"])
        await stream.append(a_turn("behind it"))
        began = loop.time()
        await stream.append(a_turn("/stop", lane=Lane.CONTROL))
        await eventually(lambda: "re: behind it" in ear.durable, every_s=0.002)
        took_s = loop.time() - began
        await eventually(lambda: len(ear.durable) == 3)
    assert sorted(ear.durable) == sorted([STOPPED, IS_STOPPED, "re: behind it"])
    assert ear.durable.index(STOPPED) < ear.durable.index("re: behind it")
    assert (ended, ear.interruptions) == (["long work"], 1)
    print(f"stopped and the next one answered in {took_s * 1000:.0f} ms")  # noqa: T201
    assert took_s < 1


async def test_a_stop_whose_word_on_the_wire_is_lost_is_seen_all_the_same(
    stream: RedisSessionStream, redis: Redis
) -> None:
    began = asyncio.Event()

    async def handle(turn: Turn, say: Say) -> Reply:
        began.set()
        await asyncio.sleep(3600)
        return a_reply(turn)

    async with listening(stream) as ear, brain(stream, handle):
        await stream.append(a_turn("long work"))
        await began.wait()
        [(entry, _)] = await redis.xrange("cos:mail:talk:main") or []
        await redis.hset("cos:hold:talk:main", "stop", entry)
        await eventually(lambda: ear.durable == [STOPPED])


async def test_a_stop_with_nothing_to_stop_says_so(stream: RedisSessionStream) -> None:
    async with listening(stream) as ear, brain(stream, echo):
        await stream.append(a_turn("/stop", lane=Lane.CONTROL))
        await eventually(lambda: ear.durable == [NOTHING_RUNS])


async def test_an_interrupting_message_stops_the_running_turn_and_is_answered_next(
    stream: RedisSessionStream,
) -> None:
    async def handle(turn: Turn, say: Say) -> Reply:
        if turn.text == "first":
            await say("…")
            await asyncio.sleep(3600)
        return a_reply(turn)

    async with listening(stream) as ear, brain(stream, handle):
        await stream.append(a_turn("first"))
        await eventually(lambda: ear.chunks)
        await stream.append(msgspec.structs.replace(a_turn("no, rather this"), interrupts=True))
        await eventually(lambda: ear.durable == [STOPPED, "re: no, rather this"])


async def test_a_handler_that_will_not_stop_holds_nobody_up(stream: RedisSessionStream) -> None:
    let_go = asyncio.Event()

    async def handle(turn: Turn, say: Say) -> Reply:
        while turn.text == "stubborn" and not let_go.is_set():
            await say("…")
            with suppress(asyncio.CancelledError):
                await let_go.wait()
        return a_reply(turn)

    async with listening(stream) as ear, brain(stream, handle):
        await stream.append(a_turn("stubborn"))
        await eventually(lambda: ear.chunks)
        await stream.append(a_turn("behind"))
        await stream.append(a_turn("/stop", lane=Lane.CONTROL))
        await eventually(lambda: ear.durable[-1:] == ["re: behind"])
        let_go.set()
    assert sorted(ear.durable) == sorted([IS_STOPPED, STOPPED, "re: behind"])


async def test_the_brain_hears_of_the_replies_that_are_given_in_its_place(stream: RedisSessionStream) -> None:
    noted: list[tuple[str, str]] = []

    async def note(turn: Turn, reply: Reply) -> None:
        noted.append((turn.text, reply.text))

    serving = asyncio.create_task(serve_turns(stream, echo, brain="b", noted=note))
    async with listening(stream) as ear:
        await stream.append(a_turn("/stop", lane=Lane.CONTROL))
        await eventually(lambda: ear.durable)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    assert noted == [("/stop", NOTHING_RUNS)]


async def test_what_waits_and_how_long_answers_took_can_be_measured(
    stream: RedisSessionStream, redis: Redis
) -> None:
    await stream.append(a_turn("one", session="a"))
    await stream.append(a_turn("two", session="a"))
    await stream.append(a_turn("three", session="b"))
    before = await read_metrics(redis)
    async with brain(stream, echo):
        await eventually(lambda: _idle(redis))
    after = await read_metrics(redis)
    assert (before.turns_waiting, before.sessions_waiting) == (3, 2)
    assert 0 < before.oldest_turn_age_s < 10
    assert (after.turns_waiting, after.sessions_waiting, after.oldest_turn_age_s) == (0, 0, 0)
    assert (after.latency.count, sum(after.latency.counts)) == (3, 3)
    assert 0 < after.latency.sum_s < 30


async def _idle(redis: Redis) -> bool:
    metrics = await read_metrics(redis)
    return metrics.turns_waiting == metrics.sessions_waiting == 0
