"""The gateway as a whole, with a brain behind it: what is written in Telegram is answered in Telegram."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from agentops import AgentOpsClient
from gateway.main import opened
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.serving import Say, serve_turns
from gateway.session.turns import Attachment, Notice, Reply, SessionId, Turn
from gateway.settings import GatewaySettings
from tests.botapi import BotApiServer, Person, faults
from tests.integration.gateway_telegram.conftest import BOTH_MODES, SECRET, SESSION, settings_for
from tests.integration.gateway_telegram.test_files import CSV, png

pytestmark = BOTH_MODES


async def echo(turn: Turn, say: Say) -> Reply:
    files = ", ".join(attachment.name for attachment in turn.attachments)
    return Reply(
        session_id=turn.session_id,
        turn_id=turn.id,
        channel=turn.channel,
        address=turn.address,
        text=f"You said **{turn.text}** with {files or 'nothing'}.",
        at=datetime.now(UTC),
    )


@pytest.fixture
async def stream(
    telegram: BotApiServer, owner: Person, redis_url: str, ledger_url: str, admin_key: str, mode: str
) -> AsyncIterator[RedisSessionStream]:
    """The stream between a running gateway and a brain that repeats what it hears."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/telegram/in" if mode == "webhook" else ""
    channel = settings_for(telegram, owner, webhook_url=url, webhook_secret=SecretStr(SECRET))
    settings = GatewaySettings.model_validate(
        {
            "redis_url": SecretStr(redis_url),
            "ledger_url": ledger_url,
            "ledger_api_key": SecretStr(admin_key),
            "port": port,
            "session": SESSION,
        }
    )
    async with opened(settings, channel), open_redis(redis_url) as redis:
        stream = RedisSessionStream(redis)
        brain = asyncio.create_task(serve_turns(stream, echo, brain="echo"))
        yield stream
        brain.cancel()
        await asyncio.wait([brain])


async def test_a_document_is_answered_and_the_news_of_it_brings_the_picture(
    telegram: BotApiServer, owner: Person, stream: RedisSessionStream, ops: AgentOpsClient
) -> None:
    await owner.sends_document(CSV, "sales.csv", "analyse this file", media_type="text/csv")
    reply = await telegram.wait_for(lambda sent: sent.chat_id == owner.id)
    assert reply.text == "You said analyse this file with sales.csv."
    assert reply.styled("bold") == ["analyse this file"]

    telegram.fail("sendPhoto", faults.too_many_requests(1))
    chart = await ops.upload("chart.png", png(), media_type="image/png")
    notice = Notice(
        id="notice-1",
        session_id=SessionId(SESSION),
        kind="task.completed",
        text="Task 1 is done.",
        attachments=(
            Attachment(
                artifact_id=chart.id,
                name=chart.name,
                media_type=chart.media_type,
                size_bytes=chart.size_bytes,
            ),
        ),
        at=datetime.now(UTC),
    )
    assert await stream.notify(notice)
    news = await telegram.wait_for(lambda sent: sent.method == "sendPhoto")
    assert (news.text, news.files[0].content) == ("Task 1 is done.", png())
    assert len(telegram.sent) == 2


async def test_every_message_of_a_burst_is_answered_once_and_in_order(
    telegram: BotApiServer, owner: Person, stream: RedisSessionStream
) -> None:
    for number in range(5):
        await owner.says(f"message {number}")
    await telegram.wait_for(lambda sent: "message 4" in sent.text)
    assert [sent.text for sent in telegram.sent] == [
        f"You said message {number} with nothing." for number in range(5)
    ]
