"""The offline planner in the shape of a Strands model."""

import re
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from pydantic import BaseModel
from strands.models import Model
from strands.types.content import Messages, SystemContentBlock
from strands.types.streaming import StreamEvent
from strands.types.tools import ToolChoice, ToolSpec

from brain.offline.dialogue import Call, Dialogue, Move, Speech, read
from brain.offline.ear import for_the_ear
from brain.offline.misses import Misses
from brain.offline.phrases import INTRODUCTION, SPOKEN_INTRODUCTION
from brain.offline.planner import Planner
from brain.offline.understanding import Understanding

if TYPE_CHECKING:
    from strands.agent.agent_metadata import AgentMetadata

T = TypeVar("T", bound=BaseModel)


def local_time() -> datetime:
    """Now, in the zone of the machine."""
    return datetime.now().astimezone()


class OfflineModel(Model):
    """Deterministic, without state: a few milliseconds a turn, with or without its classifier."""

    def __init__(
        self,
        *,
        misses: Path | None = None,
        introduces_itself: bool = True,
        spoken: bool = False,
        clock: Callable[[], datetime] = local_time,
    ) -> None:
        """Loads nothing yet; see `warm_up`.

        Args:
            misses: Where sentences that were not understood are kept; None keeps none.
            introduces_itself: Say in the first turn of a conversation what it is.
            spoken: Its words are heard, not read: short, without lists.
            clock: The person's local time, with its zone.
        """
        self._introduces_itself = introduces_itself
        self._spoken = spoken
        self._planner = Planner(Understanding(Misses(misses)), clock)

    def warm_up(self) -> None:
        """Load templates and classifier now (about a second), so that the first turn need not."""
        from brain.offline import grammar
        from brain.offline.classifier import classifier

        grammar.match("what is going on")
        classifier().guesses("what is going on")

    def next_move(self, dialogue: Dialogue) -> Move:
        """The pure part: what to do next."""
        move = self._planner.next_move(dialogue)
        if not isinstance(move, Speech):
            return move
        first = self._introduces_itself and not dialogue.before
        if self._spoken:
            return Speech(
                f"{for_the_ear(move.aloud or move.text)}{f' {SPOKEN_INTRODUCTION}' if first else ''}"
            )
        return Speech(f"{move.text}\n\n{INTRODUCTION}") if first else move

    async def stream(
        self,
        messages: Messages,
        tool_specs: list[ToolSpec] | None = None,
        system_prompt: str | None = None,
        *,
        tool_choice: ToolChoice | None = None,
        system_prompt_content: list[SystemContentBlock] | None = None,
        invocation_state: dict[str, Any] | None = None,
        cancel_signal: threading.Event | None = None,
        agent_metadata: "AgentMetadata | None" = None,
        structured_output_model: type[BaseModel] | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[StreamEvent]:
        """One answer of the model, as events."""
        dialogue = read(messages)
        move = self.next_move(dialogue)
        events = (
            call_events(move, len(dialogue.steps)) if isinstance(move, Call) else speech_events(move.text)
        )
        for event in events:
            yield event

    def structured_output(
        self, output_model: type[T], prompt: Messages, system_prompt: str | None = None, **kwargs: Any
    ) -> AsyncGenerator[dict[str, T | Any], None]:
        """Templates cannot fill a free schema."""
        raise NotImplementedError(
            "The offline model gives no structured output: set COS_MODEL to one that does."
        )

    def update_config(self, **model_config: Any) -> None:
        """There is nothing to configure."""

    def get_config(self) -> dict[str, Any]:
        return {"model_id": "offline", "context_window_limit": 200_000}


def call_events(call: Call, ordinal: int) -> Iterator[StreamEvent]:
    """A tool call as a provider would stream it."""
    tool_use_id = f"offline-{ordinal}"
    arguments = msgspec.json.encode(call.arguments).decode()
    yield {"messageStart": {"role": "assistant"}}
    yield {"contentBlockStart": {"start": {"toolUse": {"toolUseId": tool_use_id, "name": call.tool}}}}
    yield {"contentBlockDelta": {"delta": {"toolUse": {"input": arguments}}}}
    yield {"contentBlockStop": {}}
    yield {"messageStop": {"stopReason": "tool_use"}}


def speech_events(text: str) -> Iterator[StreamEvent]:
    """Final words as a provider would stream them, word by word."""
    yield {"messageStart": {"role": "assistant"}}
    yield {"contentBlockStart": {"start": {}}}
    for piece in re.findall(r"\S+\s*|\s+", text):
        yield {"contentBlockDelta": {"delta": {"text": piece}}}
    yield {"contentBlockStop": {}}
    yield {"messageStop": {"stopReason": "end_turn"}}
