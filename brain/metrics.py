"""What everyone that thinks counts of its models and tools; Prometheus fetches it from the part's `/metrics`.

Chief and workers tell the same names; Prometheus' label `job` says whose they are.
"""

from prometheus_client import Counter, Histogram

_MODEL_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0)
_TOOL_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)

MODEL_CALLS = Counter("cos_model_calls_total", "Calls of a model that were answered.", ["model"])
MODEL_FAILURES = Counter(
    "cos_model_failures_total", "Calls of a model that were not answered, by why.", ["model", "reason"]
)
MODEL_SECONDS = Histogram(
    "cos_model_seconds", "How long a model took for its whole answer.", ["model"], buckets=_MODEL_SECONDS
)
MODEL_TOKENS = Counter("cos_model_tokens_total", "Tokens of those calls: `in` and `out`.", ["model", "kind"])
MODEL_COST = Counter(
    "cos_model_cost_usd_total", "What they cost in US dollars, as far as the price is known.", ["model"]
)
TOOL_CALLS = Counter(
    "cos_tool_calls_total", "Tools that a model called, by how that ended.", ["tool", "ended"]
)
TOOL_SECONDS = Histogram("cos_tool_seconds", "How long those tools took.", ["tool"], buckets=_TOOL_SECONDS)
