"""Timers that outlive their gateway."""

import asyncio
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from gateway.notify.timers import Timers
from gateway.session.redis_client import open_redis
from ops.embedded.redis import EmbeddedRedis
from tests.integration.gateway.test_redis_restart import kill


def soon(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def test_a_timer_comes_when_it_is_due_and_not_before(redis: Redis) -> None:
    timers = Timers(redis)
    began = asyncio.get_running_loop().time()
    await timers.set("later", soon(3600))
    await timers.set("soon", soon(0.3), b"content")
    due = await timers.next()
    took_s = asyncio.get_running_loop().time() - began
    assert (due.timer, due.body) == ("soon", b"content")
    assert 0.25 < took_s < 1.5


async def test_what_joins_a_pen_comes_together_and_the_next_one_makes_a_new_pen(redis: Redis) -> None:
    timers = Timers(redis)
    for item in ("a", "b", "a"):
        await timers.join("pen", soon(-1), item, item.encode())
    due = await timers.next()
    assert dict(due.items) == {"a": b"a", "b": b"b"}
    assert await timers.join("pen", soon(-1), "c", b"c")
    assert not await timers.join("pen", soon(-1), "a", b"a"), "a was put there before"
    await timers.done(due)
    later = await timers.next()
    assert dict(later.items) == {"c": b"c"}


async def test_a_timer_whose_worker_died_comes_again_and_the_late_one_ends_nothing(redis: Redis) -> None:
    dying = Timers(redis, lease_s=0.1)
    await dying.set("once", soon(-1), b"content")
    late = await dying.next()
    again = await Timers(redis).next()
    await dying.done(late)
    assert (again.timer, again.tries) == ("once", 2)
    assert await redis.zcard("cos:due") == 1
    await Timers(redis).done(again)
    assert await redis.zcard("cos:due") == 0


async def test_two_workers_never_hold_the_same_timer(redis: Redis) -> None:
    for number in range(40):
        await Timers(redis).set(f"t{number}", soon(-1))
    taken = [due.timer for due in await asyncio.gather(*(Timers(redis).next() for _ in range(40)))]
    assert sorted(taken) == sorted(f"t{number}" for number in range(40))


async def test_one_that_is_due_is_not_moved_and_one_that_is_not_is(redis: Redis) -> None:
    timers = Timers(redis)
    await timers.set("a", soon(-1), b"old")
    assert not await timers.set("a", soon(3600), b"new")
    await timers.set("b", soon(3600), b"old")
    assert await timers.set("b", soon(1800), b"new")
    assert await timers.set("c", soon(3600), once=True)
    assert await timers.cancel("c")
    assert not await timers.set("c", soon(3600), once=True)
    assert (await timers.next()).body == b"old"


async def test_timers_outlive_a_killed_redis(mortal_redis: EmbeddedRedis) -> None:
    async with open_redis(mortal_redis.url) as redis:
        await Timers(redis).set("a", soon(0.5), b"content")
        waiting = asyncio.create_task(Timers(redis).next())
        await kill(mortal_redis)
        await mortal_redis.start()
        assert (await waiting).body == b"content"
