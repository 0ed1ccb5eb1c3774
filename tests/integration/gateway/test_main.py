"""The gateway as a process of its own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from pydantic import SecretStr
from redis.asyncio import Redis

from agentops import AgentOpsClient
from gateway.main import opened
from gateway.session import scripts
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.serving import Say
from gateway.session.turns import Reply, Turn
from gateway.telegram.settings import TelegramSettings
from tests.conformance.turns import a_reply
from tests.integration.gateway.brains import brain
from tests.integration.gateway.posting import a_task, events, gateway_settings, work_done
from tests.ports import free_port
from tests.waiting import eventually

PROGRAM = """
import asyncio
from gateway.main import serve
from gateway.settings import GatewaySettings
asyncio.run(serve(GatewaySettings()))
"""


@asynccontextmanager
async def process(
    redis_url: str, ledger_url: str, key: str, port: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {
        "PATH": os.environ["PATH"],
        "REDIS_URL": redis_url,
        "LEDGER_URL": ledger_url,
        "LEDGER_API_KEY": key,
        "GATEWAY_PORT": str(port),
    }
    started = await asyncio.create_subprocess_exec(sys.executable, "-c", PROGRAM, env=environment)
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def is_ready(web: httpx.AsyncClient) -> bool:
    try:
        return (await web.get("/health/ready")).status_code == 200
    except httpx.TransportError:
        return False


async def echo(turn: Turn, say: Say) -> Reply:
    return a_reply(turn)


async def test_a_killed_gateway_loses_nothing_and_a_stopped_one_ends_quickly(
    redis_url: str, ledger_url: str, admin_key: str, ops: AgentOpsClient, stream: RedisSessionStream
) -> None:
    port = free_port()
    headers = {"Authorization": f"Bearer {admin_key}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20) as web:
        async with process(redis_url, ledger_url, admin_key, port) as first:
            await eventually(lambda: is_ready(web), timeout_s=30)
            async with events(web) as heard, brain(stream, echo):
                await web.post("/api/v1/sessions/main/turns", json={"text": "hello"})
                assert (await anext(heard)).event == "turn"
                reply = await anext(heard)
                assert reply.data["text"] == "re: hello"
            first.kill()
            await first.wait()
        await work_done(ops, await a_task(ops, "while it was dead"))
        async with process(redis_url, ledger_url, admin_key, port) as second:
            await eventually(lambda: is_ready(web), timeout_s=30)
            async with events(web, last_id=reply.id) as heard:
                assert (await anext(heard)).data["text"].startswith("Done: while it was dead")
                second.terminate()
                async with asyncio.timeout(20):
                    assert await second.wait() == 0


async def test_with_a_token_the_gateway_carries_telegram_beside_the_web_and_stops(
    redis_url: str, ledger_url: str, admin_key: str, redis: Redis
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    telegram = TelegramSettings(bot_token=SecretStr("123456:" + "A" * 35), api_base=nobody)
    async with (
        opened(gateway_settings(redis_url, ledger_url, admin_key), telegram) as url,
        httpx.AsyncClient(base_url=url) as web,
    ):
        await eventually(lambda: is_ready(web))
        await eventually(lambda: redis.sismember(scripts.CARRIED, "telegram"), timeout_s=60)
