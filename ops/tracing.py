"""Traces by OpenTelemetry: from a word to the model, the ledger and the worker, in one.

Every process continues the trace that came to it: in a turn, in a request's `traceparent`, in a task's
context. With `OTEL_EXPORTER_OTLP_ENDPOINT` the spans are sent there, over HTTP; without it, nothing is
measured, and traces that come from outside still reach the ledger's events. What was said is never sent
(`discretion`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from agentops import tracing
from ops.settings import OpsSettings


class OtelTracer:
    """The SDK's `Tracer`, by OpenTelemetry."""

    def __init__(self) -> None:
        """Spans go to the process's provider."""
        # Not at the top: a process that measures nothing need not carry it.
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._tracer = trace.get_tracer("chief-of-staff")
        self._propagator = TraceContextTextMapPropagator()

    def current(self) -> str | None:
        """The present span as a `traceparent`, or None outside of any."""
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier.get(tracing.HEADER)

    @contextmanager
    def span(self, name: str, parent: str | None, facts: dict[str, str]) -> Iterator[None]:
        """A span for a block: within `parent`, or within the present one."""
        above = self._propagator.extract({tracing.HEADER: parent}) if parent else None
        with self._tracer.start_as_current_span(name, context=above, attributes=facts):
            yield


@contextmanager
def exported(part: str, settings: OpsSettings) -> Iterator[None]:
    """Measure and send this process's spans while the block runs, if the settings say where to."""
    if not settings.otlp_endpoint:
        yield
        return
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from ops.discretion import Discreet

    provider = TracerProvider(resource=Resource.create({"service.name": f"cos-{part}"}))
    address = settings.otlp_endpoint.rstrip("/") + "/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(Discreet(OTLPSpanExporter(endpoint=address))))
    trace.set_tracer_provider(provider)
    tracing.follow(OtelTracer())
    try:
        yield
    finally:
        tracing.follow(None)
        provider.shutdown()
