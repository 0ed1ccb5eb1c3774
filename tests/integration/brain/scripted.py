"""A model that says what a test wrote down for it."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from strands.types.content import Messages
from strands.types.streaming import StreamEvent

from brain.offline.dialogue import Call, Move, Speech, read
from brain.offline.model import OfflineModel, call_events, speech_events
from brain.rows import Outcome


class ScriptedModel(OfflineModel):
    """Plays one move after the other, whatever is said to it. An exception among them is raised."""

    def __init__(self, *moves: Move | Exception) -> None:
        super().__init__()
        self._moves: Sequence[Move | Exception] = moves
        self.seen: list[Messages] = []
        self.prompts: list[str] = []

    async def stream(
        self, messages: Messages, tool_specs: Any = None, system_prompt: str | None = None, **_: Any
    ) -> AsyncGenerator[StreamEvent]:
        move = self._moves[len(self.seen)]
        self.seen.append([*messages])
        self.prompts.append(system_prompt or "")
        if isinstance(move, Exception):
            raise move
        for event in (
            call_events(move, len(self.seen)) if isinstance(move, Call) else speech_events(move.text)
        ):
            yield event

    def get_config(self) -> dict[str, Any]:
        """It is no model of templates: whatever it is told to say may come from what it read."""
        return {"model_id": "scripted", "context_window_limit": 200_000}

    @property
    def last_outcome(self) -> Outcome:
        """What the tool answered that the model saw last."""
        return read(self.seen[-1]).steps[-1].outcome

    @property
    def last_error(self) -> str:
        """Code of the error that the tool answered which the model saw last; empty: there was none."""
        error = self.last_outcome.error
        return error.code if error else ""

    @property
    def last_ask(self) -> str:
        """What the tool that the model saw last wants the person to be asked; empty: nothing."""
        ask = self.last_outcome.ask
        return ask.text if ask else ""


__all__ = ["Call", "ScriptedModel", "Speech"]
