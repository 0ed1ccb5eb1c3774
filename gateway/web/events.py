"""A session as server-sent events (the HTML standard, section 9.2)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from gateway.session.names import Position
from gateway.session.stream import SessionStream
from gateway.session.turns import Said, SessionId

_PING = b": ping\n\n"


async def frames(
    stream: SessionStream, session: SessionId, *, after: Position, ping_s: float, closing: asyncio.Event
) -> AsyncGenerator[bytes]:
    """Everything that is said behind `after`, with comments that keep proxies from hanging up.

    Ends when this process is `closing`; the listener then comes again, with the id of what it heard last.
    """
    yield _PING  # flushes the headers: the listener knows that it is heard
    async with aclosing(stream.listen(session, after=after)) as heard:
        coming = asyncio.ensure_future(anext(heard))
        end = asyncio.ensure_future(closing.wait())
        try:
            while not end.done():
                await asyncio.wait({coming, end}, timeout=ping_s, return_when=asyncio.FIRST_COMPLETED)
                if coming.done():
                    position, said = coming.result()
                    coming = asyncio.ensure_future(anext(heard))
                    yield frame(position, said)
                else:
                    yield _PING
        finally:
            coming.cancel()
            end.cancel()
            await asyncio.gather(coming, end, return_exceptions=True)


def frame(position: Position | None, said: Said) -> bytes:
    """One event; only durable ones carry an id, so that a browser resumes behind the last of those."""
    where = f"id: {position}\n" if position is not None else ""
    name = said.__struct_config__.tag
    # msgspec escapes line breaks, so the data is one line
    return f"{where}event: {name}\ndata: ".encode() + msgspec.json.encode(said) + b"\n\n"
