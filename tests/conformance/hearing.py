"""Listening to a session in a test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from gateway.session.names import Position
from gateway.session.stream import SessionStream
from gateway.session.turns import Interrupted, Notice, Reply, ReplyChunk, Said, SessionId, TurnId
from tests.conformance.turns import MAIN


class Ear:
    """What was heard so far."""

    def __init__(self) -> None:
        self.heard: list[tuple[Position | None, Said]] = []

    @property
    def durable(self) -> list[str]:
        """The texts of replies and notices, in order."""
        return [said.text for _, said in self.heard if isinstance(said, Reply | Notice)]

    @property
    def chunks(self) -> list[str]:
        return [said.text for _, said in self.heard if isinstance(said, ReplyChunk)]

    @property
    def interruptions(self) -> int:
        return sum(isinstance(said, Interrupted) for _, said in self.heard)

    @property
    def position(self) -> Position | None:
        """Of the last durable one."""
        return next((at for at, _ in reversed(self.heard) if at is not None), None)


@asynccontextmanager
async def listening(
    stream: SessionStream, *, session: SessionId = MAIN, after: Position | None = None
) -> AsyncIterator[Ear]:
    """Listen in the background; with no `after`, from the moment this is entered."""
    ear = Ear()
    probe = Interrupted(session_id=session, turn_id=TurnId("probe"))
    on_the_wire = asyncio.Event()

    async def hear() -> None:
        async with aclosing(stream.listen(session, after=after)) as heard:
            async for at, said in heard:
                if said == probe:
                    on_the_wire.set()
                else:
                    ear.heard.append((at, said))

    task = asyncio.create_task(hear())
    try:
        async with asyncio.timeout(10):
            while not on_the_wire.is_set():
                await stream.publish(probe)
                await asyncio.sleep(0.005)
        yield ear
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
