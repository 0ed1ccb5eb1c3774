"""How the ledger is and what is in it."""

from datetime import date

from agentops.wire.base import Response


class StatsDay(Response, frozen=True):
    """One day, by the clock that was asked for."""

    day: date
    created: int
    completed: int
    failed: int
    cancelled: int


class Durations(Response, frozen=True):
    """How long things took, in seconds; None when there were none."""

    count: int
    p50_s: float | None
    p90_s: float | None
    max_s: float | None


class Stats(Response, frozen=True):
    tasks: dict[str, int]
    """Number of tasks by status, every status present."""
    agents_online: int
    gates_open: int
    oldest_pending_s: float | None
    days: list[StatsDay] = []
    """Oldest first, today last; as many as were asked for, none otherwise."""
    work: Durations | None = None
    """From the last claim to the end, of what was completed in these days."""
    wait: Durations | None = None
    """How long pending tasks that may run have been waiting. None unless days were asked for."""


class Health(Response, frozen=True):
    status: str
    """`ok` or `unavailable`."""
    checks: dict[str, str]
    """`database`, `redis`: `ok` or what is wrong."""
