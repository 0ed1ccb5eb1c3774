"""No secret reaches a log, whatever way it takes."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from ops import telemetry

Log = Callable[[], structlog.stdlib.BoundLogger]
BOT_TOKEN = "123456789:AAF-abcdefghijklmnopqrstuvwxyz0123456"


@pytest.fixture
def log() -> Iterator[Log]:
    """Sets up logging as a part does, when the test calls it; undone afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def configured() -> structlog.stdlib.BoundLogger:
        telemetry.configure("test", level="info", style="json")
        logger: structlog.stdlib.BoundLogger = structlog.get_logger("x")
        return logger

    yield configured
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What was logged so far."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "bot_token",
        "api_key",
        "ledger_api_key",
        "secret",
        "Authorization",
        "password",
        "cookie",
        "dsn",
    ],
)
def test_a_field_named_like_a_secret_is_hidden(
    log: Log, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    log().info("thing.happened", **{name: "abc"})
    assert lines(capsys)[0][name] == telemetry.HIDDEN


def test_secrets_inside_structures_are_hidden(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    log().info("thing.happened", headers={"Authorization": "x"}, urls=[f"/bot{BOT_TOKEN}/getMe"])
    line = lines(capsys)[0]
    assert line["headers"] == {"Authorization": telemetry.HIDDEN}
    assert BOT_TOKEN not in str(line["urls"])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            f"POST https://api.telegram.org/bot{BOT_TOKEN}/sendMessage",
            "POST https://api.telegram.org/bot•••/sendMessage",
        ),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer •••"),
        ("postgresql://cos:hunter22@/cos?host=/run", "postgresql://cos:•••@/cos?host=/run"),
        ("GET /login?token=abc123&next=/", "GET /login?token=•••&next=/"),
        ("used cos_admin_abcdefgh12345678", "used cos_admin_•••"),
        ("key sk-" + "a" * 24, "key sk-•••"),
        ("12:30 task 5 done", "12:30 task 5 done"),
    ],
)
def test_secrets_are_cut_out_of_text(text: str, left: str) -> None:
    assert telemetry.redact_text(text) == left


def test_the_standard_library_logs_into_the_same_stream(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    log()
    logging.getLogger("agentops").warning("lost %s", f"bot{BOT_TOKEN}")
    logging.getLogger("httpx").info("noise")
    assert [(line["event"], line["part"], line["level"]) for line in lines(capsys)] == [
        ("lost bot•••", "test", "warning")
    ]


def test_a_traceback_carries_no_secret(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        int(f"/bot{BOT_TOKEN}/x")
    except ValueError:
        log().exception("thing.failed")
    line = lines(capsys)[0]
    assert "ValueError" in str(line["exception"])
    assert BOT_TOKEN not in str(line)


def test_counts_of_tokens_are_no_secret(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    log().info("model.answered", input_tokens=12, idempotency_key="abc")
    line = lines(capsys)[0]
    assert (line["input_tokens"], line["idempotency_key"]) == (12, "abc")
