"""Counting what an agent does with its tools."""

from typing import Any

from strands.hooks import AfterToolCallEvent, HookRegistry

from brain import metrics

_UNKNOWN = "unknown"
"""A tool that there is not: its name is a model's invention, and each would be a series for ever."""


class ToolsCounted:
    """A hook of Strands' agents: every call of a tool."""

    def register_hooks(self, registry: HookRegistry, **_: Any) -> None:
        """As Strands asks for it."""
        registry.add_callback(AfterToolCallEvent, self.count)

    def count(self, event: AfterToolCallEvent) -> None:
        """One call is over, or was held back before it began."""
        tool = event.tool_use["name"] if event.selected_tool is not None else _UNKNOWN
        ended = "held_back" if event.cancel_message is not None else event.result["status"]
        metrics.TOOL_CALLS.labels(tool, ended).inc()
        if event.duration is not None:
            metrics.TOOL_SECONDS.labels(tool).observe(event.duration)
