"""How the ledger is and what is in it."""

from agentops.wire.base import Response


class Stats(Response, frozen=True):
    tasks: dict[str, int]
    """Number of tasks by status, every status present."""
    agents_online: int
    gates_open: int
    oldest_pending_s: float | None


class Health(Response, frozen=True):
    status: str
    """`ok` or `unavailable`."""
    checks: dict[str, str]
    """`database`, `redis`: `ok` or what is wrong."""
