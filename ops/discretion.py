"""Spans without words: what libraries note of a conversation stays here, only its course is sent.

Strands writes prompts, messages and the arguments of tools into its spans. A collector of traces is seen by
more people than a conversation is meant for.
"""

from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status

OURS = "chief-of-staff"
"""The scope of our own spans: their facts are ids."""
_TOLD = frozenset(
    {
        "gen_ai.operation.name",
        "gen_ai.system",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "gen_ai.tool.name",
        "gen_ai.tool.status",
        "gen_ai.tool.call.id",
        "event_loop.cycle_id",
    }
)
"""Texts of others that are no words of anybody; numbers are told whatever they are called."""


class Discreet(SpanExporter):
    """Passes spans on without what was said.

    Args:
        inner: Sends them.
    """

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Without events, which hold messages, and without the texts of errors."""
        return self._inner.export([_without_words(span) for span in spans])

    def shutdown(self) -> None:
        """What is sent already goes out."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """What waits is sent."""
        return self._inner.force_flush(timeout_millis)


def _without_words(span: ReadableSpan) -> ReadableSpan:
    scope = span.instrumentation_scope
    ours = scope is not None and scope.name == OURS
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={
            name: value for name, value in (span.attributes or {}).items() if ours or _may(name, value)
        },
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=scope,
    )


def _may(name: str, value: object) -> bool:
    return name in _TOLD or isinstance(value, bool | int | float)
