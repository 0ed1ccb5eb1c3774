"""The CSV job on Telegram, through aiogram and a real Bot API server, in the same session as the browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.acceptance.stack import ROOT, Stack, running
from tests.botapi import BotApiServer, Person
from tests.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

CSV = ROOT / "docs/examples/coffee-sales.csv"
ADA = 424242


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def telegram() -> AsyncIterator[BotApiServer]:
    async with BotApiServer() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def connected(telegram: BotApiServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The whole system with a bot token and one person who may use it."""
    settings = {
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_BASE": telegram.base_url,
        "TELEGRAM_ALLOWED_USERS": str(ADA),
    }
    home: Path = tmp_path_factory.mktemp("telegram") / "home"
    async with running(home, settings) as stack:
        yield stack


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ada(telegram: BotApiServer) -> Person:
    return telegram.person("Ada", ADA)


async def test_a_document_becomes_a_report_with_a_picture(
    connected: Stack, telegram: BotApiServer, ada: Person
) -> None:
    await ada.sends_document(
        CSV.read_bytes(), CSV.name, "create a task to analyse this file, high priority", media_type="text/csv"
    )
    created = await telegram.wait_for(
        lambda sent: sent.method == "sendMessage" and "coffee-sales.csv" in sent.text
    )
    assert "high" in created.text

    told = await telegram.wait_for(lambda sent: sent.method == "sendPhoto", timeout_s=60)
    assert told.chat_id == ada.id
    assert "coffee-sales.csv" in told.text
    assert told.files[0].content.startswith(b"\x89PNG\r\n")

    async with connected.ops() as ops:
        (task,) = (await ops.list_tasks()).items
        assert (task.status, task.priority, task.attempt) == ("completed", "high", 1)
        outputs = {
            artifact.name for artifact in await ops.list_artifacts(task.id) if artifact.kind == "output"
        }
        assert outputs == {"report.md", "chart.png"}


async def test_what_is_going_on_is_answered_from_the_ledger(
    connected: Stack, telegram: BotApiServer, ada: Person
) -> None:
    await ada.says("What is going on?")
    answer = await telegram.wait_for(lambda sent: sent.method == "sendMessage" and "Just back" in sent.text)
    assert answer.chat_id == ada.id
    assert "1 done" in answer.text
    assert "Task 1, “Analyse coffee-sales.csv”" in answer.text


async def test_the_browser_sees_the_same_session(connected: Stack) -> None:
    async with connected.ops() as ops:
        turns = (await ops.list_turns("main")).items
    assert [turn.role for turn in turns if turn.channel == "telegram"][:2] == ["person", "chief"]
    assert any(turn.role == "notice" and turn.attachments for turn in turns)


async def test_a_stranger_gets_a_pairing_code_and_nothing_else(
    connected: Stack, telegram: BotApiServer
) -> None:
    stranger = telegram.person("Mallory", 666)
    await stranger.says("/task steal everything")
    refused = await telegram.wait_for(
        lambda sent: sent.chat_id == stranger.id and sent.method == "sendMessage"
    )
    assert "I work for somebody else" in refused.text
    assert len(refused.styled("code")[0]) == 8
    async with connected.ops() as ops:
        assert (await ops.list_tasks(q="steal")).items == []


async def test_the_commands_answer(connected: Stack, telegram: BotApiServer, ada: Person) -> None:
    await ada.says("/start")
    await telegram.wait_for(lambda sent: sent.chat_id == ada.id and "/help" in sent.text)
    await ada.says("/task Water the plants !low")

    async def created() -> bool:
        async with connected.ops() as ops:
            return any(task.priority == "low" for task in (await ops.list_tasks(q="Water the plants")).items)

    await eventually(created)
    await ada.says("/frobnicate")
    answer = await telegram.wait_for(lambda sent: sent.chat_id == ada.id and "frobnicate" in sent.text)
    assert "/help" in answer.text or "/task" in answer.text


async def test_the_log_holds_no_token(connected: Stack, telegram: BotApiServer) -> None:
    secrets = [telegram.token, connected.admin_key, connected.agent_key, connected.reader_key]
    for log in connected.home.rglob("*.log"):
        text = log.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in text], log
