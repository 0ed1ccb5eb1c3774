"""What may be set about Telegram, and what a wrong setting answers."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from gateway.telegram.settings import TelegramSettings

TOKEN = "4242:only-for-tests"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # away from any .env
    for name in ("BOT_TOKEN", "API_BASE", "ALLOWED_USERS", "WEBHOOK_URL", "WEBHOOK_SECRET"):
        monkeypatch.delenv(f"TELEGRAM_{name}", raising=False)


def test_without_a_token_there_is_no_bot_and_nobody_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "")
    monkeypatch.setenv("TELEGRAM_ALLOWED_USERS", "")
    settings = TelegramSettings()
    assert settings.bot_token is None
    assert settings.allowed_users == frozenset()
    assert settings.api_base == "https://api.telegram.org"


def test_the_environment_sets_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", f" {TOKEN} ")
    monkeypatch.setenv("TELEGRAM_API_BASE", "http://127.0.0.1:8081/")
    monkeypatch.setenv("TELEGRAM_ALLOWED_USERS", "12, 34,")
    settings = TelegramSettings()
    assert settings.bot_token is not None
    assert settings.bot_token.get_secret_value() == TOKEN
    assert settings.api_base == "http://127.0.0.1:8081"
    assert settings.allowed_users == {12, 34}


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("TELEGRAM_BOT_TOKEN", "secret-without-a-number", "@BotFather"),
        ("TELEGRAM_API_BASE", "api.telegram.org", "https://"),
        ("TELEGRAM_ALLOWED_USERS", "@ada", "numeric"),
    ],
)
def test_a_wrong_setting_says_what_to_do_and_does_not_quote_itself(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, advice: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=advice) as raised:
        TelegramSettings()
    assert value not in str(raised.value)


def test_the_token_does_not_show_in_a_printed_setting() -> None:
    assert TOKEN not in repr(TelegramSettings(bot_token=SecretStr(TOKEN)))


def test_a_webhook_has_a_path_and_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_WEBHOOK_URL", "https://example.org/telegram")
    with pytest.raises(ValidationError, match="TELEGRAM_WEBHOOK_SECRET"):
        TelegramSettings()
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", "short")
    with pytest.raises(ValidationError, match="16 to 256"):
        TelegramSettings()
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", "a-secret-that-is-long-enough")
    assert "long-enough" not in repr(TelegramSettings())
    monkeypatch.setenv("TELEGRAM_WEBHOOK_URL", "https://example.org")
    with pytest.raises(ValidationError, match="a path of its own"):
        TelegramSettings()
