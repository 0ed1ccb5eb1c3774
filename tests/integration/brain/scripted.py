"""A model that says what a test wrote down for it."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from strands.types.content import Messages
from strands.types.streaming import StreamEvent

from brain.offline.dialogue import Call, Move, Speech
from brain.offline.model import OfflineModel, call_events, speech_events


class ScriptedModel(OfflineModel):
    """Plays one move after the other, whatever is said to it. An exception among them is raised."""

    def __init__(self, *moves: Move | Exception) -> None:
        super().__init__()
        self._moves: Sequence[Move | Exception] = moves
        self.seen: list[Messages] = []

    async def stream(self, messages: Messages, *_: Any, **__: Any) -> AsyncGenerator[StreamEvent]:
        move = self._moves[len(self.seen)]
        self.seen.append([*messages])
        if isinstance(move, Exception):
            raise move
        for event in (
            call_events(move, len(self.seen)) if isinstance(move, Call) else speech_events(move.text)
        ):
            yield event


__all__ = ["Call", "ScriptedModel", "Speech"]
