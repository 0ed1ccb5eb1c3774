"""What a model does, written down while it does it."""

import threading
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from pydantic import BaseModel
from strands.models import Model
from strands.types.content import Messages, SystemContentBlock
from strands.types.streaming import StreamEvent
from strands.types.tools import ToolChoice, ToolSpec

if TYPE_CHECKING:
    from strands.agent.agent_metadata import AgentMetadata

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Called:
    """A tool that the model asked for."""

    tool: str
    arguments: dict[str, Any]


@dataclass
class Heard:
    """Everything that the models of one conversation did since `clear`."""

    calls: list[Called] = field(default_factory=list)
    input_tokens: int = 0
    output_tokens: int = 0
    defaults: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By tool: what an argument is when it is left out, as the model is told."""

    def clear(self) -> None:
        """Before the next turn."""
        self.calls, self.input_tokens, self.output_tokens = [], 0, 0


class Overheard(Model):
    """A model with somebody beside it who writes down what it asks for."""

    def __init__(self, model: Model, heard: Heard) -> None:
        self._model = model
        self._heard = heard

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
        """As the model streams it."""
        self._heard.defaults = {spec["name"]: _defaults(spec) for spec in tool_specs or ()}
        name, pieces = "", list[str]()
        events = self._model.stream(
            messages,
            tool_specs,
            system_prompt,
            tool_choice=tool_choice,
            system_prompt_content=system_prompt_content,
            invocation_state=invocation_state,
            cancel_signal=cancel_signal,
            agent_metadata=agent_metadata,
            structured_output_model=structured_output_model,
            **kwargs,
        )
        async for event in events:
            if start := event.get("contentBlockStart"):
                tool = start["start"].get("toolUse")
                name, pieces = (tool["name"] if tool else ""), []
            elif delta := event.get("contentBlockDelta"):
                pieces.append(str(delta["delta"].get("toolUse", {}).get("input", "")))
            elif "contentBlockStop" in event and name:
                self._heard.calls.append(Called(name, _arguments("".join(pieces))))
                name = ""
            elif (metadata := event.get("metadata")) and "usage" in metadata:
                self._heard.input_tokens += metadata["usage"]["inputTokens"]
                self._heard.output_tokens += metadata["usage"]["outputTokens"]
            yield event

    def structured_output(
        self, output_model: type[T], prompt: Messages, system_prompt: str | None = None, **kwargs: Any
    ) -> AsyncGenerator[dict[str, T | Any], None]:
        """As the model gives it."""
        return self._model.structured_output(output_model, prompt, system_prompt, **kwargs)

    def update_config(self, **model_config: Any) -> None:
        """Of the model."""
        self._model.update_config(**model_config)

    def get_config(self) -> Any:
        """Of the model."""
        return self._model.get_config()


def _arguments(text: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(text or "{}")
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _defaults(spec: ToolSpec) -> dict[str, Any]:
    schema = spec["inputSchema"].get("json", {})
    return {name: one.get("default") for name, one in schema.get("properties", {}).items()}
