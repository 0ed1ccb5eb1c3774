"""Keeping words out of traces before they get there.

Strands puts every message of a conversation as JSON into the spans of every step, whether anybody measures or
not: a sixth of what it takes of a turn. Who exports spans here takes the words out again anyway.
"""

from typing import Any

from opentelemetry.trace import Span
from strands.telemetry import tracer
from strands.types.content import Messages


class WordlessTracer(tracer.Tracer):
    """Spans with their times, models and tokens; what was said is not in them."""

    def _add_event_messages(self, span: Span, messages: Messages) -> None:
        """Leave them out."""

    def _add_system_prompt_event(
        self,
        span: Span,
        system_prompt: str | None = None,
        system_prompt_content: list[Any] | None = None,
    ) -> None:
        """Leave it out."""


def without_words() -> None:
    """Let this process's agents tell their spans no words; called before the first agent is made."""
    if not isinstance(tracer._tracer_instance, WordlessTracer):
        tracer._tracer_instance = WordlessTracer()  # type: ignore[assignment]  # untyped there
