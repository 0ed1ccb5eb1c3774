"""The switch that stops everything, and what keeps tasks from being claimed."""

from datetime import datetime

from agentops.wire.base import Line, Request, Response


class Pause(Request, frozen=True):
    reason: Line = ""


class Resume(Request, frozen=True):
    reason: Line = ""


class System(Response, frozen=True):
    """While it is paused, no task is claimed and no schedule runs; who works hears of it by heartbeat."""

    paused: bool
    reason: str | None
    by: str | None
    since: datetime | None


class Stopped(Response, frozen=True):
    """A spent budget, under which nothing can be claimed."""

    budget_id: str
    scope: str
    """`all`, `project`, `agent` or `task`."""
    scope_id: str | None
    reason: str
    until: datetime | None
    """When the budget begins anew; None if it does not."""
