"""An answer's sentences and waits, as its text comes."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from voice.pipeline.answering import Wait, Waits, sentences

NEVER = Waits(60, 120)


async def gathered(texts: AsyncIterator[str], waits: Waits = NEVER) -> list[str | Wait]:
    return [one async for one in sentences(texts, waits)]


async def of(*pieces: str | float) -> AsyncIterator[str]:
    for piece in pieces:
        if isinstance(piece, float):
            await asyncio.sleep(piece)
        else:
            yield piece


async def test_pieces_become_sentences() -> None:
    assert await gathered(of("It is", " done. And", " more.")) == ["It is done.", "And more."]


async def test_a_stalled_stream_gives_what_is_complete() -> None:
    found = sentences(of("It is done.", 60.0), NEVER)
    async with asyncio.timeout(10):
        assert await anext(found) == "It is done."
    await found.aclose()


async def test_who_waits_is_told_once_soon_and_then_again_and_again() -> None:
    found = await gathered(of(0.5, "Done."), Waits(0.02, 0.1))
    assert found[0] is Wait.MOMENT
    assert found[-1] == "Done."
    assert set(found[1:-1]) == {Wait.LONG}


async def test_closing_closes_the_stream() -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncIterator[str]:
        try:
            while True:
                yield "More of it. "
                await asyncio.sleep(0)
        finally:
            closed.set()

    found = sentences(endless(), NEVER)
    await anext(found)
    await found.aclose()
    assert closed.is_set()


async def test_what_the_stream_raises_comes_through_after_what_it_gave() -> None:
    async def broken() -> AsyncIterator[str]:
        yield "One. "
        raise RuntimeError("broken")

    found = sentences(broken(), NEVER)
    assert await anext(found) == "One."
    with pytest.raises(RuntimeError, match="broken"):
        await anext(found)
