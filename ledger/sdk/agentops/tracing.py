"""The trace that calls belong to, as W3C Trace Context writes it: the header `traceparent`.

Nothing is measured here. Who measures (OpenTelemetry, say) hands a `Tracer` to `follow`; then calls carry its
present span, and `span` makes one.
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Protocol

HEADER = "traceparent"
"""The header's name, and the key in a task's context under which the ledger keeps the asker's trace."""
_FORM = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_current: ContextVar[str | None] = ContextVar("agentops_traceparent", default=None)


class Tracer(Protocol):
    """What measures spans."""

    def current(self) -> str | None:
        """The present span as a `traceparent`, or None outside of any."""
        ...

    def span(self, name: str, parent: str | None, facts: dict[str, str]) -> AbstractContextManager[None]:
        """A span for a block: within `parent`, or within the present one."""
        ...


_tracer: Tracer | None = None


def follow(tracer: Tracer | None) -> None:
    """Let this process's spans be measured by `tracer`; None: by nobody."""
    global _tracer  # one for the process, as its logging is
    _tracer = tracer


def followed() -> bool:
    """Whether anybody measures."""
    return _tracer is not None


@contextmanager
def span(name: str, parent: object = None, **facts: str) -> Iterator[None]:
    """A piece of work within a trace; calls made within carry it.

    Args:
        name: `noun.verb`, or method and route.
        parent: The `traceparent` that it continues; what is none is left out.
        facts: What it is about: ids, never what was said.
    """
    known = parent if isinstance(parent, str) and _FORM.fullmatch(parent) else None
    if _tracer is not None:
        with _tracer.span(name, known, facts):
            yield
    elif known is not None:
        with traced(known):
            yield
    else:
        yield


@contextmanager
def traced(traceparent: str | None) -> Iterator[None]:
    """Let every call within carry this trace; the ledger writes it into the events that they cause.

    It follows the context: tasks started within carry it too. None stops carrying one.

    Raises:
        ValueError: It is no `traceparent`, such as `00-<32 hex digits>-<16 hex digits>-01`.
    """
    if traceparent is not None and not _FORM.fullmatch(traceparent):
        raise ValueError(f"{traceparent[:80]!r} is no traceparent")
    token = _current.set(traceparent)
    try:
        yield
    finally:
        _current.reset(token)


def header() -> dict[str, str]:
    """What a request of now carries."""
    traceparent = _current.get() or (_tracer.current() if _tracer else None)
    return {HEADER: traceparent} if traceparent else {}
