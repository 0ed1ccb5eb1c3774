"""What is counted of commands in the sandbox."""

from prometheus_client import Counter, Histogram

from brain.seed.sandbox.limits import Ran

_SECONDS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 120.0)

RUNS = Counter("cos_sandbox_runs_total", "Commands in the sandbox, by how they ended.", ["ended"])
SECONDS = Histogram("cos_sandbox_seconds", "How long they took.", buckets=_SECONDS)


def count(ran: Ran) -> None:
    """One came to an end: by itself, well or not, or by one of its limits."""
    RUNS.labels(ran.stopped or ("well" if ran.succeeded else "badly")).inc()
    SECONDS.observe(ran.seconds)
