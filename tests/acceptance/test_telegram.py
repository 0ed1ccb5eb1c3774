"""The CSV job on Telegram, through aiogram and a real Bot API server, in the same session as the browser."""

import re

import pytest

from tests.acceptance.stack import ROOT, Stack
from tests.botapi import BotApiServer, Person
from tests.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="session")]

CSV = (ROOT / "docs/examples/coffee-sales.csv").read_bytes()
NAME = "tea-sales.csv"
"""The browser's test has the same table under its own name."""


async def test_a_document_becomes_a_report_with_a_picture(
    stack: Stack, telegram: BotApiServer, ada: Person
) -> None:
    await ada.sends_document(
        CSV, NAME, "create a task to analyse this file, high priority", media_type="text/csv"
    )
    created = await telegram.wait_for(lambda sent: sent.method == "sendMessage" and NAME in sent.text)
    assert "high" in created.text

    told = await telegram.wait_for(
        lambda sent: sent.method == "sendPhoto" and NAME in sent.text, timeout_s=60
    )
    assert told.chat_id == ada.id
    assert told.files[0].content.startswith(b"\x89PNG\r\n")

    async with stack.ops() as ops:
        (task,) = (await ops.list_tasks(q=NAME)).items
        assert (task.status, task.priority, task.attempt) == ("completed", "high", 1)
        outputs = {
            artifact.name for artifact in await ops.list_artifacts(task.id) if artifact.kind == "output"
        }
        assert outputs == {"report.md", "chart.png"}


async def test_what_is_going_on_is_answered_from_the_ledger(
    stack: Stack, telegram: BotApiServer, ada: Person
) -> None:
    await ada.says("What is going on?")
    answer = await telegram.wait_for(lambda sent: sent.method == "sendMessage" and "Just back" in sent.text)
    assert answer.chat_id == ada.id
    assert re.search(r"\b\d+ done", answer.text)
    async with stack.ops() as ops:
        (task,) = (await ops.list_tasks(q=NAME)).items
    assert f"Task {task.number}, “Analyse {NAME}”" in answer.text


async def test_the_browser_sees_the_same_session(stack: Stack) -> None:
    async with stack.ops() as ops:
        turns = (await ops.list_turns("main")).items
    assert [turn.role for turn in turns if turn.channel == "telegram"][:2] == ["person", "chief"]
    assert any(turn.role == "notice" and turn.attachments and NAME in turn.text for turn in turns)


async def test_a_stranger_gets_a_pairing_code_and_nothing_else(stack: Stack, telegram: BotApiServer) -> None:
    stranger = telegram.person("Mallory", 666)
    await stranger.says("/task steal everything")
    refused = await telegram.wait_for(
        lambda sent: sent.chat_id == stranger.id and sent.method == "sendMessage"
    )
    assert "I work for somebody else" in refused.text
    assert len(refused.styled("code")[0]) == 8
    async with stack.ops() as ops:
        assert (await ops.list_tasks(q="steal")).items == []


async def test_the_commands_answer(stack: Stack, telegram: BotApiServer, ada: Person) -> None:
    await ada.says("/start")
    await telegram.wait_for(lambda sent: sent.chat_id == ada.id and "/help" in sent.text)
    await ada.says("/task Water the plants !low")

    async def created() -> bool:
        async with stack.ops() as ops:
            return any(task.priority == "low" for task in (await ops.list_tasks(q="Water the plants")).items)

    await eventually(created)
    await ada.says("/frobnicate")
    answer = await telegram.wait_for(lambda sent: sent.chat_id == ada.id and "frobnicate" in sent.text)
    assert "/help" in answer.text or "/task" in answer.text


async def test_the_log_holds_no_token(stack: Stack, telegram: BotApiServer) -> None:
    secrets = [telegram.token, stack.admin_key, stack.agent_key, stack.reader_key]
    for log in stack.home.rglob("*.log"):
        text = log.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in text], log
