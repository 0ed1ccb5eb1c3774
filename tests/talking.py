"""Somebody who talks with a chief in this process, without a stream between them."""

from datetime import UTC, datetime
from itertools import count

from brain.chief.answering import Chief
from gateway.session.turns import Attachment, Lane, Reply, SessionId, Turn, TurnId

_turn_numbers = count(1)


class Person:
    """Somebody who talks with a chief, and hears what it says."""

    def __init__(
        self, chief: Chief, session: str = "s1", *, channel: str = "web", role: str = "owner"
    ) -> None:
        self.chief = chief
        self.session = session
        self.channel = channel
        self.role = role
        self.chunks: list[str] = []

    async def says(self, text: str, *files: Attachment, lane: Lane = Lane.TALK) -> Reply:
        return await self.repeats(self.turn(text, *files, lane=lane))

    async def repeats(self, turn: Turn) -> Reply:
        """The same turn, as after a crash."""
        self.chunks.clear()
        return await self.chief.answer(turn, self._hear)

    def turn(self, text: str, *files: Attachment, lane: Lane = Lane.TALK) -> Turn:
        number = next(_turn_numbers)
        return Turn(
            id=TurnId(f"turn-{number}"),
            session_id=SessionId(self.session),
            channel=self.channel,
            role=self.role,
            person_id="owner" if self.role == "owner" else "p-1",
            address="browser",
            external_id=str(number),
            text=text,
            lane=lane,
            attachments=files,
            received_at=datetime.now(UTC),
        )

    async def _hear(self, chunk: str) -> None:
        self.chunks.append(chunk)
