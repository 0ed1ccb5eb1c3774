"""One message and what comes back for it: into the session stream, and out of it again."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid4

import msgspec

from brain.chief.http.problems import MAX_TEXT_CHARS, ChatProblem
from gateway.session.names import Position, session_id
from gateway.session.stream import SessionStream
from gateway.session.turns import Interrupted, Reply, ReplyChunk, Turn, TurnId

_FROM_THE_BEGINNING = Position("0-0")


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """The message is durable and will be answered, whoever listens."""

    turn_id: TurnId


T = TypeVar("T")
Heard = Taken | ReplyChunk | Interrupted | Reply


def turn_of(message: str, session: str, key: str | None, *, channel: str = "api") -> Turn:
    """A message as a turn.

    Args:
        message: What is said.
        session: Where.
        key: The same one again is the same message.
        channel: `api`, or `call` for an answer that will be heard.

    Raises:
        ChatProblem: It says nothing, or too much.
        InvalidSessionId: No session can have this name.
    """
    text = message.replace("\x00", "").strip()
    if not text:
        raise ChatProblem(400, "empty_message", "The message is empty: say what you want.")
    if len(text) > MAX_TEXT_CHARS:
        detail = (
            f"The message has {len(text)} characters; at most {MAX_TEXT_CHARS}. Attach it as a file instead."
        )
        raise ChatProblem(413, "too_large", detail)
    name = session_id(session)
    return Turn(
        id=TurnId(f"turn-{uuid4().hex}"),
        session_id=name,
        channel=channel,
        address=name,
        external_id=key or uuid4().hex,
        text=text,
        received_at=datetime.now(UTC),
    )


async def exchange(stream: SessionStream, turn: Turn, *, wait_s: float) -> AsyncGenerator[Heard]:
    """Say something, and hear what is said to it, ending with the reply.

    Raises:
        Busy: Too many wait; nothing was taken.
        ChatProblem: There is no reply within `wait_s`; it will come later.
    """
    # No time limit spans a `yield`: what consumes this may do so in another task.
    until = asyncio.get_running_loop().time() + wait_s
    listening = await _by(until, stream.end(turn.session_id), turn, wait_s)
    async with aclosing(stream.listen(turn.session_id, after=listening)) as heard:
        # Before the message is there, so that no piece of the answer is missed.
        coming = asyncio.ensure_future(anext(heard))
        try:
            appended = await _by(until, stream.append(turn), turn, wait_s)
            yield Taken(turn_id=appended.turn_id)
            while not appended.duplicate:
                _, said = await _by(until, coming, turn, wait_s)
                coming = asyncio.ensure_future(anext(heard))
                if isinstance(said, ReplyChunk | Interrupted | Reply) and said.turn_id == appended.turn_id:
                    yield said
                    if isinstance(said, Reply):
                        return
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
    yield await _by(until, reply_to(stream, turn, appended.turn_id), turn, wait_s)


async def _by(until: float, coming: Awaitable[T], turn: Turn, wait_s: float) -> T:
    try:
        async with asyncio.timeout_at(until):
            return await coming
    except TimeoutError:
        detail = (
            f"No answer within {wait_s:.0f} s. The message is kept and will be answered: ask "
            f"again with the same Idempotency-Key ({turn.external_id})."
        )
        raise ChatProblem(504, "reply_pending", detail) from None


async def reply_to(stream: SessionStream, turn: Turn, turn_id: TurnId) -> Reply:
    """Hear the session from its beginning (which is bounded), since the reply may be there already."""
    async with aclosing(stream.listen(turn.session_id, after=_FROM_THE_BEGINNING)) as heard:
        async for _, said in heard:
            if isinstance(said, Reply) and said.turn_id == turn_id:
                return said
    raise AssertionError("a listener hears for ever")
