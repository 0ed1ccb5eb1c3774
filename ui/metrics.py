"""What the panel counts and measures; Prometheus fetches it from `/metrics`."""

from datetime import UTC, datetime

from prometheus_client import Counter, Gauge, Histogram

from agentops.wire import Event

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0)

TABS = Gauge("cos_panel_tabs", "Browser tabs that are connected right now.")
EVENTS = Counter("cos_panel_events_total", "Changes that it heard of.")
LAG = Histogram("cos_panel_event_lag_seconds", "From a change in the ledger to here.", buckets=_SECONDS)
STALE = Counter("cos_panel_stale_readings_total", "Times that what a page shows could not be read anew.")


def heard(event: Event) -> None:
    """A change arrived."""
    EVENTS.inc()
    # The ledger's clock and this one may differ by a little.
    LAG.observe(max(0.0, (datetime.now(UTC) - event.at).total_seconds()))
