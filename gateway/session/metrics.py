"""What the session stream and delivery can be watched by; one Redis counts for all processes."""

from dataclasses import dataclass
from typing import Any, cast

from redis.asyncio import Redis

from gateway.session.redis_client import patiently
from gateway.session.scripts import CARRIED, LATENCY_BOUNDS_MS
from gateway.session.turns import Lane


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often something took how long."""

    bounds_s: tuple[float, ...]
    """The upper end of each bucket but the last, which has none."""
    counts: tuple[int, ...]
    """One for each bucket, not added up; one more than there are bounds."""
    sum_s: float

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamMetrics:
    """A moment of the stream, and counters since the store was made."""

    turns_waiting: int
    """Appended and not yet answered, those that run included."""
    oldest_turn_age_s: float
    """0 when none waits."""
    sessions_waiting: int
    """Sessions with such turns, control commands apart."""
    recipients_waiting: dict[str, int]
    """Channel → recipients with messages that are not out yet."""
    latency: Histogram
    """From a turn's append to its answer."""
    turns_set_aside: int
    turns_refused: int
    """Because too many waited."""
    delivered: int
    undeliverable: int


async def read_metrics(redis: Redis) -> StreamMetrics:
    """Read all of it at one moment."""
    channels = sorted(
        one.decode() for one in cast("set[bytes]", await patiently(lambda: redis.smembers(CARRIED)))
    )
    pipeline = redis.pipeline(transaction=True)
    pipeline.time()
    pipeline.zcard("cos:waiting")
    pipeline.zrange("cos:waiting", 0, 0, withscores=True)
    pipeline.zcard(f"cos:ready:{Lane.TALK}")
    pipeline.hgetall("cos:count:turns")
    pipeline.hgetall("cos:count:deliveries")
    for channel in channels:
        pipeline.zcard(f"cos:ready:to:{channel}")
    now, waiting, oldest, sessions, turns, deliveries, *recipients = await patiently(pipeline.execute)
    now_s = now[0] + now[1] / 1_000_000
    return StreamMetrics(
        turns_waiting=waiting,
        oldest_turn_age_s=max(0.0, now_s - oldest[0][1] / 1000) if oldest else 0.0,
        sessions_waiting=sessions,
        recipients_waiting=dict(zip(channels, recipients, strict=True)),
        latency=_latency(turns),
        turns_set_aside=_number(turns, "aside"),
        turns_refused=_number(turns, "refused"),
        delivered=_number(deliveries, "delivered"),
        undeliverable=_number(deliveries, "failed"),
    )


def _latency(counted: dict[bytes, Any]) -> Histogram:
    buckets = [*map(str, LATENCY_BOUNDS_MS), "inf"]
    return Histogram(
        bounds_s=tuple(bound / 1000 for bound in LATENCY_BOUNDS_MS),
        counts=tuple(_number(counted, f"le:{bucket}") for bucket in buckets),
        sum_s=_number(counted, "sum_ms") / 1000,
    )


def _number(counted: dict[bytes, Any], field: str) -> int:
    return int(counted.get(field.encode(), 0))
