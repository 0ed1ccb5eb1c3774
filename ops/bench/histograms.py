"""A part's own clocks, read from what it tells Prometheus."""

from typing import Self

import msgspec
from prometheus_client.parser import text_string_to_metric_families

GOAL_P99_MS = 15.0

Buckets = dict[float, float]
"""Upper end of a bucket in seconds → how many took at most so long."""


def buckets_of(exposed: str, name: str) -> Buckets:
    """A histogram out of what a part exposes; empty for one that it does not have."""
    families = (one for one in text_string_to_metric_families(exposed) if one.name == name)
    samples = (sample for family in families for sample in family.samples)
    return {float(sample.labels["le"]): sample.value for sample in samples if sample.name.endswith("_bucket")}


def quantile(buckets: Buckets, share: float) -> float:
    """As PromQL's histogram_quantile: linear within a bucket; the last bound for what lies beyond it."""
    wanted = share * max(buckets.values(), default=0.0)
    lower, below = 0.0, 0.0
    for bound, count in sorted(buckets.items()):
        if count >= wanted and count > below:
            within = (wanted - below) / (count - below)
            return lower if bound == float("inf") else lower + (bound - lower) * within
        lower, below = bound, count
    return lower


class Way(msgspec.Struct, frozen=True):
    """One way, in milliseconds; between the bounds of the histogram's buckets the values are estimates."""

    messages: int
    p50_ms: float
    p99_ms: float

    @classmethod
    def between(cls, before: Buckets, after: Buckets) -> Self:
        """What was added to a histogram."""
        counts = {bound: count - before.get(bound, 0.0) for bound, count in after.items()}
        return cls(
            messages=int(max(counts.values(), default=0)),
            p50_ms=quantile(counts, 0.5) * 1000,
            p99_ms=quantile(counts, 0.99) * 1000,
        )

    def told(self) -> str:
        """For people, beside the goal."""
        mark = "ok  " if self.p99_ms <= GOAL_P99_MS else "MISS"
        return f"{mark} p50 {self.p50_ms:5.1f} ms  p99 {self.p99_ms:5.1f} ms (goal {GOAL_P99_MS:g} ms)"
