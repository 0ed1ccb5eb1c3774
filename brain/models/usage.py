"""What one call of a model used, and what that cost."""

from dataclasses import dataclass

import structlog

from brain import metrics
from brain.models.choosing import OFFLINE, ModelChoice

log = structlog.get_logger(__name__)

_FREE = (OFFLINE, "ollama", "llamacpp")


@dataclass(frozen=True)
class ModelCall:
    """One call that was answered. The caller of the agent finds them in `invocation_state["model_calls"]`."""

    model: str
    """As `COS_MODEL` spells it: of the one that answered, which need not be the first of the chain."""
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    """None when nobody knows the price."""
    seconds: float

    def count(self) -> None:
        """Add it to what this process has used."""
        metrics.MODEL_CALLS.labels(self.model).inc()
        metrics.MODEL_SECONDS.labels(self.model).observe(self.seconds)
        metrics.MODEL_TOKENS.labels(self.model, "in").inc(self.input_tokens)
        metrics.MODEL_TOKENS.labels(self.model, "out").inc(self.output_tokens)
        metrics.MODEL_COST.labels(self.model).inc(self.cost_usd or 0.0)


def price_usd(choice: ModelChoice, input_tokens: int, output_tokens: int) -> float | None:
    """US dollars for so many tokens, by the list prices that genai-prices keeps; None when it knows none."""
    if choice.provider in _FREE:
        return 0.0
    from brain.models.providers import PROVIDERS

    vendor = PROVIDERS[choice.provider].prices
    if not vendor:
        return None
    from genai_prices import Usage, calc_price

    used = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    try:
        return float(calc_price(used, model_ref=choice.model_id, provider_id=vendor).total_price)
    except LookupError:
        log.debug("model.price_unknown", model=str(choice))
        return None
