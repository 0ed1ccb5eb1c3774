"""The supervisor's settings, and what it hands to whom."""

from pathlib import Path

import pytest

from ops.errors import SettingsUnusable
from ops.keys import Keys
from ops.parts import PARTS, environment_of
from ops.settings import OpsSettings, environment

KEYS = Keys(admin="admin-key", agent="agent-key", reader="reader-key", ui_storage="ui-secret")
TOLD = {
    "PATH": "/bin",
    "LC_ALL": "C.UTF-8",
    "HTTPS_PROXY": "http://proxy",
    "TELEGRAM_BOT_TOKEN": "bot-token",
    "ANTHROPIC_API_KEY": "model-key",
    "COS_MODEL": "anthropic:x",
    "COS_MODEL_TIMEOUT_S": "5",
    "GATEWAY_MAX_UPLOAD_MB": "9",
    "SEED_SLOTS": "4",
    "SOMETHING_ELSE": "private",
}


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither environment nor `.env` says anything."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "COS_HOME",
        "DATABASE_URL",
        "REDIS_URL",
        "LEDGER_PORT",
        "PUBLIC_URL",
        "COS_BIND_HOST",
        "LOG_LEVEL",
    ):
        monkeypatch.delenv(name, raising=False)


def given_to(part: str) -> dict[str, str]:
    """The environment of one part."""
    settings = OpsSettings.read(home=Path("/home/me"))
    return environment_of(PARTS[part], TOLD, settings, KEYS, dsn="postgresql://dsn", redis="unix:///r")


@pytest.mark.parametrize(
    ("secret", "owners"),
    [
        ("bot-token", {"gateway"}),
        ("model-key", {"chief", "seed"}),
        ("postgresql://dsn", {"ledger"}),
        ("unix:///r", {"ledger", "chief", "gateway"}),
        ("admin-key", {"ledger", "chief", "gateway"}),
        ("agent-key", {"ledger", "seed"}),
        ("reader-key", {"ledger", "ui"}),
        ("ui-secret", {"ui"}),
        ("private", set()),
    ],
)
def test_each_part_is_told_only_what_it_needs(secret: str, owners: set[str]) -> None:
    assert {part for part in PARTS if secret in given_to(part).values()} == owners


def test_every_part_gets_what_programs_need_on_this_machine() -> None:
    for part in PARTS:
        told = given_to(part)
        assert (told["PATH"], told["LC_ALL"], told["HTTPS_PROXY"]) == ("/bin", "C.UTF-8", "http://proxy")
        assert (told["COS_HOME"], told["LEDGER_URL"]) == ("/home/me", "http://127.0.0.1:8700")


def test_a_base_port_moves_all_four() -> None:
    settings = OpsSettings.read(base_port=9000)
    assert [settings.port(part) for part in ("ledger", "chief", "gateway", "ui")] == [9000, 9001, 9002, 9003]


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("COS_SESSION=of-file\nLOG_LEVEL=debug\nTELEGRAM_BOT_TOKEN=\n")
    monkeypatch.setenv("COS_SESSION", "of-environment")
    settings = OpsSettings.read()
    assert (settings.session, settings.log_level) == ("of-environment", "debug")
    assert environment()["COS_SESSION"] == "of-environment"
    assert "TELEGRAM_BOT_TOKEN" not in environment()


def test_what_cannot_be_understood_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_PORT", "secret-by-mistake")
    with pytest.raises(SettingsUnusable, match="LEDGER_PORT") as caught:
        OpsSettings.read()
    assert "secret-by-mistake" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:8700"),  # noqa: S104  # a setting, nothing is bound
        ("10.0.0.5", "http://10.0.0.5:8700"),
        ("::1", "http://[::1]:8700"),
    ],
)
def test_a_part_is_reached_where_it_listens(monkeypatch: pytest.MonkeyPatch, host: str, url: str) -> None:
    monkeypatch.setenv("COS_BIND_HOST", host)
    assert OpsSettings.read().url("ledger") == url
