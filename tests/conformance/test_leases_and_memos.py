"""What every implementation of leases and of memos promises."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.errors import LeaseLost
from gateway.session.leases import Leases, MemoryLeases, RedisLeases, held
from gateway.session.memos import MemoryMemos, Memos, RedisMemos
from gateway.session.redis_client import open_redis


@pytest.fixture(params=["memory", "redis"])
async def leases(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Leases]:
    if request.param == "memory":
        yield MemoryLeases()
        return
    async with open_redis(redis_url) as redis:
        yield RedisLeases(redis)


@pytest.fixture(params=["memory", "redis"])
async def memos(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Memos]:
    if request.param == "memory":
        yield MemoryMemos()
        return
    async with open_redis(redis_url) as redis:
        yield RedisMemos(redis)


async def test_one_holds_a_lease_and_may_renew_it(leases: Leases) -> None:
    assert await leases.hold("poll", "a", lease_s=10)
    assert await leases.hold("poll", "a", lease_s=10)
    assert not await leases.hold("poll", "b", lease_s=10)
    assert await leases.hold("another", "b", lease_s=10)


async def test_a_lease_that_was_given_up_or_ran_out_is_free(leases: Leases) -> None:
    await leases.hold("poll", "a", lease_s=10)
    await leases.let_go("poll", "b")
    assert not await leases.hold("poll", "b", lease_s=10)
    await leases.let_go("poll", "a")
    assert await leases.hold("poll", "b", lease_s=0.02)
    await asyncio.sleep(0.05)
    assert await leases.hold("poll", "a", lease_s=10)


async def test_the_next_holder_begins_when_the_first_has_ended(leases: Leases) -> None:
    order = []

    async def work(name: str) -> None:
        async with held(leases, "poll", name, lease_s=0.3):
            order.append(f"{name} begins")
            await asyncio.sleep(0.4)  # longer than the lease, so that it has to be renewed
            order.append(f"{name} ends")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work("a"))
        await asyncio.sleep(0)
        tasks.create_task(work("b"))
    assert order in (
        ["a begins", "a ends", "b begins", "b ends"],
        ["b begins", "b ends", "a begins", "a ends"],
    )


async def test_a_lost_lease_ends_the_work(leases: Leases) -> None:
    lost = False
    try:
        async with asyncio.timeout(5), held(leases, "poll", "a", lease_s=0.1):
            await leases.let_go("poll", "a")
            await leases.hold("poll", "b", lease_s=10)
            await asyncio.Event().wait()
    except* LeaseLost:
        lost = True
    assert lost


async def test_a_memo_is_kept_replaced_and_dropped(memos: Memos) -> None:
    assert await memos.get("one") is None
    await memos.put("one", "words", keep_s=10)
    await memos.put("one", "other wörds", keep_s=10)
    assert await memos.get("one") == "other wörds"
    await memos.drop("one")
    assert await memos.get("one") is None


async def test_several_memos_and_a_group_are_read_together(memos: Memos) -> None:
    await memos.put("a", "ä", keep_s=60)
    await memos.gather("group", "one", "text", keep_s=60)
    assert await memos.together(("a", "none"), "group") == (["ä", None], {"one": "text"})
    assert await memos.together(("none",), "no group") == ([None], {})


async def test_the_first_of_many_is_told_so_once(memos: Memos) -> None:
    first = await asyncio.gather(*(memos.once("stranger", keep_s=10) for _ in range(10)))
    assert sorted(first) == [False] * 9 + [True]


async def test_a_group_gathers_by_name_and_forgets_what_has_not_changed(memos: Memos) -> None:
    await memos.gather("album", "2", "two", keep_s=10)
    await memos.gather("album", "1", "one", keep_s=10)
    await memos.gather("album", "1", "one again", keep_s=10)
    assert await memos.gathered("album") == {"1": "one again", "2": "two"}
    await memos.drop_from("album", "1", "one")
    await memos.drop_from("album", "2", "two")
    assert await memos.gathered("album") == {"1": "one again"}
    assert await memos.gathered("nothing") == {}
