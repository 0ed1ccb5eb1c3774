"""Routes to look at the gateway by: metrics for Prometheus, and what became of a message."""

from collections.abc import Iterator

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from prometheus_client import generate_latest

from gateway.session.deliveries import Delivery, deliveries_of
from gateway.session.metrics import Histogram, StreamMetrics, read_metrics
from gateway.session.receipts import Receipt, receipts_of
from gateway.web.auth import HEAR, authenticated
from gateway.web.services import Services


@get("/metrics", media_type="text/plain; version=0.0.4; charset=utf-8", opt={"scopes": HEAR})
async def metrics(services: NamedDependency[Services]) -> str:
    """The conversation and this process' calls in Prometheus' text format.

    Of the conversation every gateway tells the same: the store counts.
    """
    conversation = "".join(f"{line}\n" for line in exposition(await read_metrics(services.redis)))
    return conversation + generate_latest().decode()


@get("/deliveries/{cause:str}", opt={"scopes": HEAR})
async def deliveries(cause: FromPath[str], services: NamedDependency[Services]) -> list[Delivery]:
    """What became of a reply (`reply-<turn id>`) or a notice, for each recipient."""
    return await deliveries_of(services.redis, cause)


@get("/gates/{gate_id:str}/receipts", opt={"scopes": HEAR})
async def receipts(gate_id: FromPath[str], services: NamedDependency[Services]) -> list[Receipt]:
    """What was done to get this gate answered: who was told, how loudly, and how it ended."""
    return await receipts_of(services.redis, gate_id)


def exposition(seen: StreamMetrics) -> Iterator[str]:
    """https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4."""
    yield from _one("cos_turns_waiting", "gauge", "Turns not yet answered.", seen.turns_waiting)
    yield from _one("cos_turn_oldest_age_seconds", "gauge", "Age of the oldest.", seen.oldest_turn_age_s)
    yield from _one("cos_sessions_waiting", "gauge", "Sessions with such turns.", seen.sessions_waiting)
    yield from _histogram("cos_turn_latency_seconds", "From append to answer.", seen.latency)
    yield from _one("cos_turns_set_aside_total", "counter", "Turns given up.", seen.turns_set_aside)
    yield from _one("cos_turns_refused_total", "counter", "Refused as too many.", seen.turns_refused)
    yield from _one("cos_deliveries_total", "counter", "Messages delivered.", seen.delivered)
    yield from _one("cos_deliveries_failed_total", "counter", "Messages given up.", seen.undeliverable)
    yield "# HELP cos_recipients_waiting Recipients with messages not yet out."
    yield "# TYPE cos_recipients_waiting gauge"
    for channel, number in seen.recipients_waiting.items():
        yield f'cos_recipients_waiting{{channel="{channel}"}} {number}'


def _one(name: str, kind: str, meaning: str, value: float) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
    yield f"{name} {value:g}"


def _histogram(name: str, meaning: str, seen: Histogram) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} histogram"
    below = 0
    for bound, count in zip([f"{bound:g}" for bound in seen.bounds_s] + ["+Inf"], seen.counts, strict=True):
        below += count
        yield f'{name}_bucket{{le="{bound}"}} {below}'
    yield f"{name}_sum {seen.sum_s:g}"
    yield f"{name}_count {below}"


WATCHING = Router("/api/v1", route_handlers=[metrics, deliveries, receipts], guards=[authenticated])
