"""What pages show: read once for all tabs, again when an event touches it, and not at all unwatched."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from agentops.errors import Unavailable
from agentops.testing import FakeLedger
from agentops.wire import Event, NewTask
from tests.waiting import eventually
from ui.live import Live, Workers
from ui.reading import Applied, Following, Reading, Readings, of_types


@dataclass
class Shelf:
    """Something to load, and how often that was done."""

    loads: int = 0
    away: bool = False
    told: list[int] = field(default_factory=list)

    async def load(self) -> int:
        if self.away:
            raise Unavailable("away")
        self.loads += 1
        return self.loads


class _Over(Exception):
    """The test is; what still waits in its group is cancelled."""


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


@pytest.fixture
async def following(ledger: FakeLedger) -> AsyncIterator[Following]:
    async with ledger.client() as ops:
        live = Live(ops)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(live.run())
                await live.ready()
                yield Following(live, Workers(group))
                raise _Over  # noqa: TRY301 - a task of the group would cancel the half of this that has ended
        except* _Over:
            pass


async def test_two_tabs_share_one_load_and_hear_the_same(ledger: FakeLedger, following: Following) -> None:
    shelf = Shelf()
    reading = Reading(shelf.load, of_types("task.*"), following)
    assert await reading.fresh(1) == await reading.fresh(1) == 1
    stops = [reading.watch(lambda: shelf.told.append(reading.value or 0)) for _ in range(2)]
    async with ledger.client() as ops:
        await ops.create_task(NewTask(title="x"))
    await eventually(lambda: shelf.told == [2, 2])
    for stop in stops:
        stop()


async def test_other_events_leave_it_alone(ledger: FakeLedger, following: Following) -> None:
    shelf = Shelf()
    other, own = (Reading(shelf.load, of_types(kind), following) for kind in ("agent.*", "task.created"))
    stops = [one.watch(lambda: None) for one in (other, own)]
    async with ledger.client() as ops:
        await ops.create_task(NewTask(title="x"))
    await eventually(lambda: own.value)
    assert other.value is None
    for stop in stops:
        stop()


async def test_a_lost_ledger_is_said_and_found_again(following: Following) -> None:
    shelf = Shelf(away=True)
    reading = Reading(shelf.load, of_types("task.*"), following)
    assert await reading.fresh(1) is None
    assert reading.lost
    stop = reading.watch(lambda: None)
    reading.poke()
    shelf.away = False
    await eventually(lambda: reading.value == 1 and not reading.lost)
    stop()


async def test_a_slow_ledger_keeps_nobody_waiting(following: Following) -> None:
    async def never() -> int:
        await asyncio.Event().wait()
        return 1

    reading = Reading(never, of_types("*"), following)
    assert await reading.fresh(0.01) is None
    assert reading.lost


async def test_questions_that_nobody_asks_any_more_are_forgotten(following: Following) -> None:
    shelf = Shelf()
    made: list[int] = []

    def make(key: int) -> Reading[int]:
        made.append(key)
        return Reading(shelf.load, of_types("task.*"), following)

    readings = Readings(make, most=3)
    stop = readings.of(0).watch(lambda: None)
    for key in range(1, 10):
        readings.of(key)
    kept = readings.of(0)
    readings.of(1)
    assert made == [*range(10), 1]
    assert kept.watched
    stop()


def plus_hundred(value: int, event: Event) -> Applied[int]:
    return Applied(value + 100, sure=event.payload["title"] != "unsure")


async def test_an_event_is_shown_before_the_ledger_is_asked(ledger: FakeLedger, following: Following) -> None:
    shelf = Shelf()
    reading = Reading(shelf.load, of_types("task.created"), following, apply=plus_hundred)
    stop = reading.watch(lambda: shelf.told.append(reading.value or 0))
    await reading.fresh(1)
    async with ledger.client() as ops:
        await ops.create_task(NewTask(title="x"))
    await eventually(lambda: 101 in shelf.told)
    await eventually(lambda: shelf.told[-1] == 2)  # and how it really stands a little later
    stop()


async def test_what_an_event_does_not_tell_is_asked_at_once(ledger: FakeLedger, following: Following) -> None:
    shelf = Shelf()
    reading = Reading(shelf.load, of_types("task.created"), following, apply=plus_hundred)
    stop = reading.watch(lambda: None)
    await reading.fresh(1)
    async with ledger.client() as ops:
        await ops.create_task(NewTask(title="unsure"))
    await eventually(lambda: shelf.loads == 2)
    stop()


async def test_news_during_a_load_are_not_lost_by_it(ledger: FakeLedger, following: Following) -> None:
    began, may_end = asyncio.Event(), asyncio.Event()

    async def load() -> int:
        began.set()
        await may_end.wait()
        return 1

    reading = Reading(load, of_types("task.created"), following, apply=plus_hundred)
    stop = reading.watch(lambda: None)
    reading.poke()
    await began.wait()
    heard = asyncio.Event()
    deaf = following.live.listen(lambda _: heard.set())
    async with ledger.client() as ops:
        await ops.create_task(NewTask(title="x"))
    await heard.wait()
    may_end.set()
    await eventually(lambda: reading.value == 101)
    deaf()
    stop()
