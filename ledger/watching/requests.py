"""Counts and times every HTTP request, by route; counts every event that this process writes."""

import time
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import cache

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client import Counter as Total
from prometheus_client.process_collector import ProcessCollector

from agentops import tracing

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_UNKNOWN = "other"


class Counted:
    """The counters of one ledger process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Total(
            "ledger_requests_total",
            "HTTP requests, by route and answer.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._took = Histogram(
            "ledger_request_seconds",
            "How long requests took until the answer was out.",
            ["method", "route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._series = cache(self._new_series)
        self._events = Total(
            "ledger_events_total",
            "Events written by this process, by type.",
            ["type"],
            registry=self.registry,
        )

    def request(self, method: str, route: str, status: int, took_s: float) -> None:
        """One request was answered."""
        total, took = self._series(method, route, status)
        total.inc()
        took.observe(took_s)

    def _new_series(self, method: str, route: str, status: int) -> tuple[Total, Histogram]:
        """Looked up once: by its labels, that takes as long as all the rest of counting."""
        return self._requests.labels(method, route, str(status)), self._took.labels(method, route)

    def events(self, announced: Iterable[tuple[str, str]]) -> None:
        """Changes were committed; (event type, entity id) each."""
        counts: dict[str, int] = {}
        for kind, _ in announced:
            counts[kind] = counts.get(kind, 0) + 1
        for kind, count in counts.items():
            self._events.labels(kind).inc(count)


class Timing:
    """ASGI middleware: what a client waits for, measured around everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        with _span(scope):
            await self._timed(scope, receive, send)

    async def _timed(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        status = 500
        began = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            # The route, not the path: ids would make a series each.
            route = str(scope.get("path_template") or _UNKNOWN)
            counted: Counted = scope["litestar_app"].state["services"].counted
            counted.request(scope["method"], route, status, time.perf_counter() - began)


def _span(scope: HTTPScope) -> AbstractContextManager[None]:
    """The request within its caller's trace, when anybody measures traces."""
    if not tracing.followed():
        return nullcontext()
    headers = dict(scope["headers"])
    parent = headers.get(tracing.HEADER.encode(), b"").decode("latin-1")
    return tracing.span(f"{scope['method']} {scope.get('path_template') or _UNKNOWN}", parent)
