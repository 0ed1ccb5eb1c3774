"""A session as server-sent events."""

import asyncio
from contextlib import aclosing

from gateway.session.memory import MemorySessionStream
from gateway.session.names import Position
from gateway.session.turns import ReplyChunk, TurnId
from gateway.web.events import frame, frames
from tests.conformance.turns import MAIN, a_notice


def test_a_chunk_has_no_id_and_stays_on_one_line() -> None:
    chunk = ReplyChunk(session_id=MAIN, turn_id=TurnId("t"), seq=0, text="one\ntwo\r\u2028")
    lines = frame(None, chunk).decode().split("\n")
    assert lines[0] == "event: chunk"
    assert lines[1].startswith('data: {"type":"chunk"')
    assert lines[2:] == ["", ""]


def test_a_durable_message_carries_its_position() -> None:
    assert frame(Position("5-0"), a_notice()).startswith(b"id: 5-0\nevent: notice\ndata: {")


async def test_a_silent_stream_is_kept_open_by_comments() -> None:
    stream = MemorySessionStream()
    async with aclosing(
        frames(stream, MAIN, after=Position("0-0"), ping_s=0.01, closing=asyncio.Event())
    ) as heard:
        assert [await anext(heard) for _ in range(3)] == [b": ping\n\n"] * 3
        await stream.notify(a_notice())
        while (got := await anext(heard)) == b": ping\n\n":
            pass
    assert got.startswith(b"id: 1-0\nevent: notice")


async def test_a_closing_process_ends_its_streams() -> None:
    closing = asyncio.Event()
    async with aclosing(
        frames(MemorySessionStream(), MAIN, after=Position("0-0"), ping_s=60, closing=closing)
    ) as heard:
        await anext(heard)
        asyncio.get_running_loop().call_later(0.01, closing.set)
        rest = [piece async for piece in heard]
    assert rest in ([], [b": ping\n\n"])
