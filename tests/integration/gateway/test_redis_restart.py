"""Redis is killed in the middle of everything."""

import asyncio
import os
import signal

from gateway.session.redis_stream import open_session_stream
from gateway.session.serving import Say
from gateway.session.turns import Reply, Turn
from ops.embedded.redis import EmbeddedRedis
from tests.conformance.hearing import listening
from tests.conformance.turns import a_notice, a_reply, a_turn
from tests.integration.gateway.brains import brain
from tests.waiting import eventually


async def kill(server: EmbeddedRedis) -> None:
    os.kill(server.pid, signal.SIGKILL)
    await server.wait()


async def test_an_appended_turn_outlives_a_killed_redis(mortal_redis: EmbeddedRedis) -> None:
    turn = a_turn("durable")
    async with open_session_stream(mortal_redis.url) as stream:
        await stream.append(turn)
        await kill(mortal_redis)
        await mortal_redis.start()
        held = await stream.acquire("brain")
        assert held is not None
        taken = await held.next_turn()
        assert taken is not None
        assert taken.turn == turn
        assert (await stream.append(turn)).duplicate


async def test_an_append_waits_until_redis_is_back(mortal_redis: EmbeddedRedis) -> None:
    async with open_session_stream(mortal_redis.url) as stream:
        await kill(mortal_redis)
        appending = asyncio.create_task(stream.append(a_turn()))
        done, _ = await asyncio.wait([appending], timeout=0.2)
        assert not done
        await mortal_redis.start()
        assert not (await appending).duplicate


async def test_an_answer_whose_redis_died_under_it_is_written_once(mortal_redis: EmbeddedRedis) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def handle(turn: Turn, say: Say) -> Reply:
        began.set()
        await go_on.wait()
        return a_reply(turn)

    async with (
        open_session_stream(mortal_redis.url) as stream,
        listening(stream) as ear,
        brain(stream, handle),
    ):
        await stream.append(a_turn("hello"))
        await began.wait()
        await kill(mortal_redis)
        go_on.set()
        await mortal_redis.start()
        await eventually(lambda: ear.durable == ["re: hello"])
        await stream.append(a_turn("again"))
        await eventually(lambda: ear.durable == ["re: hello", "re: again"])


async def test_nothing_is_lost_or_told_twice_while_redis_is_killed_again_and_again(
    mortal_redis: EmbeddedRedis,
) -> None:
    total = 120

    async def handle(turn: Turn, say: Say) -> Reply:
        await say("…")
        return a_reply(turn)

    async def talk() -> None:
        for number in range(total):
            await stream.append(a_turn(str(number), session="main"))
            if number % 10 == 0:
                await stream.notify(a_notice(f"n{number}", text=f"notice {number}"))
            await asyncio.sleep(0.01)

    async with (
        open_session_stream(mortal_redis.url) as stream,
        listening(stream) as ear,
        brain(stream, handle, lease_s=1.5),
    ):
        talking = asyncio.create_task(talk())
        for _ in range(3):
            await asyncio.sleep(0.4)
            await kill(mortal_redis)
            await mortal_redis.start()
        await talking
        await eventually(lambda: len(ear.durable) >= total + total // 10, timeout_s=30)
    replies = [text for text in ear.durable if text.startswith("re: ")]
    notices = [text for text in ear.durable if text.startswith("notice ")]
    assert replies == [f"re: {number}" for number in range(total)]
    assert notices == [f"notice {number}" for number in range(0, total, 10)]
