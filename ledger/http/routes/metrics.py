"""/metrics, for Prometheus; it comes with a reader key."""

from litestar import Router, get
from litestar.di import NamedDependency

from ledger.http.services import Services
from ledger.watching.page import page

TEXT = "text/plain; version=0.0.4"


@get("/metrics", media_type=TEXT)
async def metrics(services: NamedDependency[Services]) -> str:
    """Requests, events and the state of the work, in Prometheus' text format."""
    return (await page(services.counted, services.state, services.feed)).decode()


ROUTER = Router("/", route_handlers=[metrics], tags=["health"])
