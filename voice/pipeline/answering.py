"""An answer's text as it comes, with the moments at which it keeps the caller waiting."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from enum import Enum

from voice.sentences import SentenceCutter

_STALLED_S = 0.08
"""Without a further piece for so long, a sentence that looks complete is taken as such."""


class Wait(Enum):
    """What the caller has to wait for."""

    MOMENT = "moment"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds without a word."""

    moment_s: float
    long_s: float


async def sentences(
    texts: AsyncIterator[str], waits: Waits, began: Callable[[], None] = lambda: None
) -> AsyncGenerator[str | Wait]:
    """Sentences as soon as they are complete; and `Wait.MOMENT` once if the first is late, `Wait.LONG` each
    time that so long passes without one. Closing this closes `texts`.

    Args:
        texts: Pieces of any size.
        waits: Seconds.
        began: Is called with each piece that comes.
    """
    pieces: asyncio.Queue[str | None] = asyncio.Queue()
    pump = asyncio.create_task(_pump(texts, pieces, began))
    cutter = SentenceCutter()
    try:
        patience = [(Wait.MOMENT, waits.moment_s), (Wait.LONG, waits.long_s - waits.moment_s)]
        while True:
            wait, seconds = patience[0] if patience else (Wait.LONG, waits.long_s)
            got = await _next(pieces, cutter, seconds)
            if got is None:
                yield wait
                patience = patience[1:]
                continue
            found, ended = got
            for sentence in found:
                yield sentence
            patience = [] if found else patience
            if ended:
                await pump
                return
    finally:
        pump.cancel()
        await asyncio.wait([pump])


async def _next(
    pieces: asyncio.Queue[str | None], cutter: SentenceCutter, seconds: float
) -> tuple[list[str], bool] | None:
    """Sentences and whether it was the end; None if it took too long."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                piece = await _or_stalled(pieces, cutter)
                if piece is None:
                    return _some(cutter.rest()), True
                found = cutter.feed(piece) if piece else _some(cutter.ready())
                if found:
                    return found, False
    except TimeoutError:
        return None


async def _or_stalled(pieces: asyncio.Queue[str | None], cutter: SentenceCutter) -> str | None:
    """The next piece; an empty one if what is held looks complete and nothing comes."""
    if not cutter.looks_complete:
        return await pieces.get()
    try:
        async with asyncio.timeout(_STALLED_S):
            return await pieces.get()
    except TimeoutError:
        return ""


async def _pump(
    texts: AsyncIterator[str], pieces: asyncio.Queue[str | None], began: Callable[[], None]
) -> None:
    try:
        async for piece in texts:
            if piece:
                began()
                pieces.put_nowait(piece)
    finally:
        pieces.put_nowait(None)
        if (close := getattr(texts, "aclose", None)) is not None:
            await close()


def _some(sentence: str | None) -> list[str]:
    return [sentence] if sentence else []
