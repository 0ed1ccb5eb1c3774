"""Subscriptions over connections that break: no event missed, none twice, in order."""

import asyncio
import logging
from contextlib import aclosing
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from agentops import AgentOpsClient, Backoff
from agentops.errors import AgentOpsError, Forbidden, NotFound, Unauthenticated, ValidationFailed
from agentops.wire import Event, ProjectId, TaskId
from tests.unit.agentops.fixtures import KEY, client
from tests.unit.agentops.scripted_ws import Part, Refuse, close, cut, frame, raw, stay, streaming
from tests.waiting import eventually

LAGGED = raw('{"lagged":true}')


async def take(ops: AgentOpsClient, count: int, **options: Any) -> list[str]:
    """The cursors of the next events."""
    got: list[str] = []
    async with asyncio.timeout(10), aclosing(ops.subscribe(**options)) as events:
        async for event in events:
            got.append(event.cursor)
            if len(got) == count:
                break
    return got


async def test_events_of_coalesced_frames_come_one_by_one_in_order() -> None:
    async with streaming([frame(1), frame(2, 3, 4), frame(), frame(5), stay]) as stream:
        async with client(stream.url) as ops:
            assert await take(ops, 5, after="0") == ["c1", "c2", "c3", "c4", "c5"]
        assert stream.authorizations == [f"Bearer {KEY}"]


async def test_the_filter_is_sent() -> None:
    async with streaming([frame(1), stay]) as stream, client(stream.url) as ops:
        events = ops.subscribe(
            "task.*", "agent.offline", after="c 0", project=ProjectId("p"), task_id=TaskId("t")
        )
        async with aclosing(events):
            await anext(events)
        assert stream.queries == [
            {"types": "task.*,agent.offline", "after": "c 0", "project": "p", "task_id": "t"}
        ]


@pytest.mark.parametrize(
    "end",
    [cut, close(1000), close(1001), close(1011), close(1012), close(4503), close(4429), LAGGED, raw("{")],
)
async def test_a_connection_that_ends_is_resumed_behind_the_last_event(end: Part) -> None:
    script = [[frame(1, 2), end], [frame(3), end], [frame(4, 5), stay]]
    async with streaming(*script) as stream, client(stream.url) as ops:
        assert await take(ops, 5, after="c0") == ["c1", "c2", "c3", "c4", "c5"]
        assert stream.resumed_after == ["c0", "c2", "c3"]


async def test_a_connection_lost_before_its_first_event_leaves_no_gap() -> None:
    async with streaming([cut], [frame(1), cut], [frame(2), stay]) as stream, client(stream.url) as ops:
        assert await take(ops, 2, after=None) == ["c1", "c2"]
        assert stream.resumed_after == ["now", "now", "c1"]


async def test_events_that_are_replayed_again_are_not_yielded_again() -> None:
    async with streaming([frame(1, 2, 3), cut], [frame(2, 3, 4), stay]) as stream, client(stream.url) as ops:
        assert await take(ops, 4, after="c0") == ["c1", "c2", "c3", "c4"]


async def test_a_slow_reader_that_was_cut_off_misses_nothing() -> None:
    batches = [frame(*range(start, start + 50)) for start in range(1, 2_001, 50)]
    async with streaming([*batches, LAGGED], [frame(2_001), stay]) as stream, client(stream.url) as ops:
        got: list[str] = []
        async with asyncio.timeout(20), aclosing(ops.subscribe(after="0")) as events:
            async for event in events:
                got.append(event.cursor)
                if len(got) % 500 == 0:
                    await asyncio.sleep(0.01)
                if len(got) == 2_001:
                    break
        assert got == [f"c{number}" for number in range(1, 2_002)]
        assert stream.resumed_after == ["0", "c2000"]


async def test_a_ledger_that_is_away_is_waited_for() -> None:
    busy = Refuse(503, b"", {"Retry-After": "0"})
    async with streaming(busy, busy, Refuse(502), [frame(1), stay]) as stream, client(stream.url) as ops:
        assert await take(ops, 1, after="c0") == ["c1"]
        assert stream.resumed_after == ["c0"] * 4


async def test_a_subscription_outlives_a_restart_of_the_ledger(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with streaming([frame(1), stay]) as first, client(first.url) as ops:
        port = int(first.url.rpartition(":")[2])
        async with aclosing(ops.subscribe(after="0")) as events:
            assert (await anext(events)).cursor == "c1"
            assert first.server is not None
            first.server.close()
            await first.server.wait_closed()
            waiting = asyncio.create_task(anext(events))
            await eventually(lambda: caplog.text.count("ConnectionRefusedError") >= 3)
            assert not waiting.done()
            async with streaming([frame(2), stay], port=port) as second:
                assert (await asyncio.wait_for(waiting, 10)).cursor == "c2"
                assert second.resumed_after == ["c1"]


@pytest.mark.parametrize(
    ("refusal", "cls"),
    [
        (Refuse(401, b'{"status":401,"code":"unauthenticated","detail":"no such key"}'), Unauthenticated),
        (Refuse(400, b'{"status":400,"code":"validation_failed","detail":"bad cursor"}'), ValidationFailed),
        (Refuse(403), Forbidden),
        (Refuse(404), NotFound),
        ([close(4401, "no such key")], Unauthenticated),
        ([close(4400, "bad cursor")], ValidationFailed),
        ([close(4403)], Forbidden),
    ],
)
async def test_a_refusal_for_good_is_raised(refusal: Refuse | list[Part], cls: type[AgentOpsError]) -> None:
    async with streaming(refusal) as stream, client(stream.url) as ops:
        with pytest.raises(cls):
            await take(ops, 1)
        assert len(stream.queries) == 1


class Noted(Backoff):
    """No pauses, but the failures in a row that each would have followed."""

    def __init__(self) -> None:
        super().__init__(cap_s=0.05)
        object.__setattr__(self, "failures", [])

    failures: list[int]

    def delay_s(self, failures: int) -> float:
        self.failures.append(failures)
        return 0.0


async def linger(connection: ServerConnection) -> None:
    """Keep the connection open for longer than the longest pause."""
    await asyncio.sleep(0.1)


async def test_a_connection_that_worked_makes_the_pauses_short_again() -> None:
    noted = Noted()
    script: list[list[Part]] = [[cut], [cut], [frame(1), cut], [cut], [linger, cut], [cut], [frame(2), stay]]
    async with streaming(*script) as stream, AgentOpsClient(stream.url, KEY, reconnect=noted) as ops:
        assert await take(ops, 2, after="0") == ["c1", "c2"]
    assert noted.failures == [0, 1, 0, 1, 0, 1]


async def test_a_ledger_that_accepts_and_drops_is_not_hammered() -> None:
    async with streaming([cut]) as stream, client(stream.url) as ops:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.6):
                await take_forever(ops)
        # Pauses of 0.01, 0.02, 0.04, then 0.05 s, halved at most by chance.
        assert 3 <= len(stream.queries) <= 26


async def take_forever(ops: AgentOpsClient) -> None:
    async with aclosing(ops.subscribe(after="0")) as events:
        async for _ in events:
            pass


async def test_closing_the_generator_closes_the_connection() -> None:
    async with streaming([frame(1), stay]) as stream, client(stream.url) as ops:
        events = ops.subscribe(after="0")
        await anext(events)
        await events.aclose()
        await eventually(lambda: stream.closed_with == [1000])


async def test_cancelling_a_reader_ends_it_soon_and_closes_the_connection() -> None:
    async with streaming([frame(1), stay]) as stream, client(stream.url) as ops:
        got: list[Event] = []

        async def read() -> None:
            async for event in ops.subscribe(after="0"):
                got.append(event)

        reader = asyncio.create_task(read())
        await eventually(lambda: got)
        reader.cancel()
        async with asyncio.timeout(2):
            with pytest.raises(asyncio.CancelledError):
                await reader
        await eventually(lambda: stream.closed_with)


async def test_the_key_is_not_logged_even_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with streaming([frame(1), cut], Refuse(401)) as stream, client(stream.url) as ops:
        with pytest.raises(Unauthenticated) as caught:
            await take(ops, 2, after="0")
    assert "subscription.lost" in caplog.text
    lines = [record.getMessage() for record in caplog.records if record.name != "websockets.server"]
    assert KEY not in "\n".join([*lines, repr(caught.value)])
