"""`/metrics`, for Prometheus; it comes with a reader key."""

from litestar import get
from prometheus_client import generate_latest

from agentops.wire import Scope

TEXT = "text/plain; version=0.0.4; charset=utf-8"
WATCH = (Scope.READER, Scope.ADMIN)


@get("/metrics", media_type=TEXT)
async def metrics() -> str:
    """This chief's turns, models and tools, in Prometheus' text format."""
    return generate_latest().decode()
