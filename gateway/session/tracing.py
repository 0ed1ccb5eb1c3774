"""The trace of a turn: begun where it comes in, continued by whoever answers it."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gateway.session.turns import Turn

_CARRIER = "traceparent"
_propagator = TraceContextTextMapPropagator()


@contextmanager
def received(turn: Turn) -> Iterator[Turn]:
    """A span for taking the turn in; what the block gets carries it on, if anybody measures."""
    with _span("turn.received", turn):
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        yield msgspec.structs.replace(turn, traceparent=carrier.get(_CARRIER, turn.traceparent))


@contextmanager
def answered(turn: Turn) -> Iterator[None]:
    """A span for answering the turn, within the one that took it in."""
    with _span("turn.answered", turn):
        yield


@contextmanager
def _span(name: str, turn: Turn) -> Iterator[None]:
    above = _propagator.extract({_CARRIER: turn.traceparent}) if turn.traceparent else None
    facts = {
        "session_id": turn.session_id,
        "turn_id": turn.id,
        "channel": turn.channel,
        "lane": str(turn.lane),
    }
    with trace.get_tracer("gateway.session").start_as_current_span(name, context=above, attributes=facts):
        yield
