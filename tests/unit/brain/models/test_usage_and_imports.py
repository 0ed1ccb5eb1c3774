"""What a call costs, what a process carries, and what an error may say."""

import subprocess
import sys

import pytest

from brain.models import ModelChoice, Reason, price_usd
from brain.models.failures import reason_of, told

VENDORS = ("openai", "anthropic", "google.genai", "ollama", "litellm", "genai_prices")


@pytest.mark.parametrize(
    ("provider", "model"),
    [("anthropic", "claude-sonnet-5"), ("openai", "gpt-5.4-mini"), ("groq", "openai/gpt-oss-120b")],
)
def test_a_known_model_has_a_price(provider: str, model: str) -> None:
    price = price_usd(ModelChoice(provider, model), 1_000_000, 1_000_000)
    assert price is not None
    assert 0.1 < price < 200


def test_an_unknown_model_has_no_price_and_a_local_one_is_free() -> None:
    assert price_usd(ModelChoice("openai", "no-such-model"), 1, 1) is None
    assert price_usd(ModelChoice("ollama", "qwen3"), 1, 1) == 0.0


def test_a_process_carries_no_vendor_that_was_not_chosen() -> None:
    program = (
        "import sys; from brain.models import mind; from brain.settings import ModelSettings;"
        "mind(ModelSettings(_env_file=None, model='offline'));"
        f"print([name for name in {VENDORS!r} if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-proj-abcdef0123456789",
        "401 for Bearer abc.def.ghi",
        "key AIzaSyA1234567890 was refused",
        "gsk_0123456789abcdef is over its limit",
    ],
)
def test_what_looks_like_a_key_is_not_told(text: str) -> None:
    said = told(RuntimeError(text), ())
    assert "***" in said
    assert not any(part in said for part in ("abcdef", "abc.def", "SyA123", "0123456789"))


def test_a_key_of_any_shape_is_not_told() -> None:
    assert told(RuntimeError("refused: hunter2hunter2"), ["hunter2hunter2"]) == "RuntimeError: refused: ***"


class Response:
    status_code = 503


class WithResponse(Exception):
    response = Response()


class ThrottlingException(Exception):
    response = {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}  # noqa: RUF012


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError(), Reason.TIMEOUT),
        (ConnectionRefusedError(), Reason.UNREACHABLE),
        (WithResponse(), Reason.ERROR),
        (ThrottlingException(), Reason.RATE_LIMITED),
        (RuntimeError("peer closed connection without sending complete message body"), Reason.CUT_OFF),
        (RuntimeError("something else"), Reason.ERROR),
    ],
)
def test_why_a_model_failed_is_understood_without_its_package(error: Exception, reason: Reason) -> None:
    assert reason_of(error) is reason
