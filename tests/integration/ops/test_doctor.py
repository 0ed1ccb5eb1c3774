"""`cos doctor` and `cos telegram setup`, against real servers."""

from pathlib import Path

import pytest

from tests.botapi.server import TEST_TOKEN, BotApiServer
from tests.integration.ops.commands import Answer, Cos
from tests.ledger_fixtures import ADMIN_KEY, READER_KEY
from tests.ports import free_base_port

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def cos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cos:
    """`cos` on a machine where nothing runs, in a folder without a `.env`."""
    monkeypatch.chdir(tmp_path)
    base = free_base_port()
    ports = {f"{part}_PORT": str(base + i) for i, part in enumerate(("LEDGER", "CHIEF", "GATEWAY", "UI"))}
    return Cos(tmp_path / "home", {"COS_MODEL": "offline", **ports})


def dotenv() -> str | None:
    """What `.env` holds, which only its owner may read; None: there is none."""
    file = Path(".env")
    if not file.exists():
        return None
    assert file.stat().st_mode & 0o777 == 0o600
    return file.read_text()


def found(answer: Answer, area: str, name: str) -> dict[str, str]:
    """One finding."""
    [one] = [one for one in answer.json() if one["area"] == area and one["name"] == name]
    return dict(one)


async def test_a_machine_before_the_first_start_has_nothing_to_mend(cos: Cos) -> None:
    answer = await cos.ok("doctor")
    assert "0 to mend" in answer.out
    assert "For free speech set COS_MODEL" in answer.out


async def test_a_value_that_cannot_be_understood_is_named_and_not_shown(cos: Cos) -> None:
    answer = await cos(
        "doctor", "--json", env={"TELEGRAM_BOT_TOKEN": "secret-nonsense", "SEED_SLOTS": "many"}
    )
    assert answer.code == 1
    assert found(answer, "settings", "SEED_SLOTS")["verdict"] == "bad"
    assert "secret-nonsense" not in answer.out + answer.err


async def test_a_variable_that_nobody_reads_is_told_of_with_what_was_meant(cos: Cos) -> None:
    answer = await cos.ok("doctor", "--json", env={"SEED_SLOT": "3"})
    assert found(answer, "settings", "SEED_SLOT")["advice"] == "Did you mean SEED_SLOTS?"


async def test_a_dotenv_that_others_may_read_is_told_of(cos: Cos, tmp_path: Path) -> None:
    (tmp_path / ".env").touch(mode=0o644)
    assert found(await cos.ok("doctor", "--json"), "settings", ".env")["advice"] == "chmod 600 .env"


async def test_services_of_ones_own_are_asked(cos: Cos, postgres_dsn: str, redis_url: str) -> None:
    answer = await cos.ok("doctor", "--json", env={"DATABASE_URL": postgres_dsn, "REDIS_URL": redis_url})
    assert found(answer, "services", "postgresql")["verdict"] == "good"
    assert found(answer, "services", "durability")["said"] == "appendfsync always"


async def test_services_that_do_not_answer_are_told_of_without_their_passwords(
    cos: Cos, postgres_dsn: str
) -> None:
    wrong = {
        "DATABASE_URL": postgres_dsn.replace("cos:", "cos:not", 1),
        "REDIS_URL": "redis://:hidden-word@127.0.0.1:9/0",
    }
    answer = await cos("doctor", "--json", env=wrong)
    assert answer.code == 1
    assert "User or password is wrong" in found(answer, "services", "postgresql")["advice"]
    assert "host, port and password" in found(answer, "services", "redis")["advice"]
    assert "hidden-word" not in answer.out


async def test_a_ledger_that_runs_is_asked_whether_the_key_is_good(cos: Cos, ledger_url: str) -> None:
    for key, verdict in ((ADMIN_KEY, "good"), (READER_KEY, "hint"), ("cos_unknown", "bad")):
        told = {"LEDGER_URL": ledger_url, "CHIEF_URL": NOWHERE, "LEDGER_API_KEY": key}
        answer = await cos("doctor", "--json", env=told)
        assert found(answer, "parts", "ledger")["verdict"] == "good"
        assert found(answer, "parts", "chief")["verdict"] == "bad"
        assert found(answer, "parts", "key")["verdict"] == verdict


async def test_a_bot_is_connected_and_kept(cos: Cos) -> None:
    async with BotApiServer() as telegram:
        told = {"TELEGRAM_API_BASE": telegram.base_url}
        answer = await cos.ok("telegram", "setup", stdin=f"{TEST_TOKEN}\n", env=told)
        assert "@chief_test_bot" in answer.out
        assert dotenv() == f"TELEGRAM_BOT_TOKEN={TEST_TOKEN}\n"
        healthy = await cos.ok("doctor", "--json", env=told)
        assert found(healthy, "telegram", "updates")["said"] == "by polling, 0 wait"
        hook = "https://example.org/telegram"
        await cos.ok("telegram", "setup", "--webhook", hook, env=told)
        assert "TELEGRAM_WEBHOOK_SECRET=" in (dotenv() or "")
        behind = await cos.ok("doctor", "--json", env=told)
        assert "Restart the gateway" in found(behind, "telegram", "updates")["advice"]


async def test_a_token_that_telegram_does_not_know_is_refused_without_being_shown(cos: Cos) -> None:
    async with BotApiServer() as telegram:
        told = {"TELEGRAM_API_BASE": telegram.base_url, "TELEGRAM_BOT_TOKEN": "77:unknown-token"}
        answer = await cos("telegram", "setup", env=told)
    assert answer.code == 1
    assert "@BotFather" in answer.err
    assert "unknown-token" not in answer.out + answer.err
    assert dotenv() is None


async def test_a_server_that_is_not_there_does_not_show_the_token(cos: Cos) -> None:
    told = {"TELEGRAM_API_BASE": NOWHERE, "TELEGRAM_BOT_TOKEN": "77:unknown-token"}
    answer = await cos("telegram", "setup", env=told)
    assert answer.code == 1
    assert "cannot be reached" in answer.err
    assert "unknown-token" not in answer.err
