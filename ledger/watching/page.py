"""One page for Prometheus: the counters of this process, the state of the work, who listens."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from ledger.events.feed import Feed
from ledger.watching.requests import Counted
from ledger.watching.state import State


class _Read(Collector):
    """What was read just now, as a collector."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


async def page(counted: Counted, state: State, feed: Feed) -> bytes:
    """Prometheus' text format, version 0.0.4."""
    listeners = GaugeMetricFamily(
        "ledger_listeners", "Open event streams of this process.", value=feed.listeners
    )
    registry = CollectorRegistry()
    registry.register(_Read([listeners, *await state.read()]))
    return generate_latest(counted.registry) + generate_latest(registry)
