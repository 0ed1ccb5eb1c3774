"""The trace that calls belong to, as W3C Trace Context writes it: the header `traceparent`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_FORM = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_current: ContextVar[str | None] = ContextVar("agentops_traceparent", default=None)


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
    traceparent = _current.get()
    return {"traceparent": traceparent} if traceparent else {}
