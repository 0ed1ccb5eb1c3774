"""Several brains and several gateways as processes of their own, one of each killed in the middle."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from redis.asyncio import Redis

from agentops import AgentOpsClient
from gateway.session.metrics import read_metrics
from gateway.session.names import Position
from gateway.session.redis_stream import RedisSessionStream
from tests.conformance.hearing import listening
from tests.integration.gateway.posting import a_task, work_done
from tests.integration.gateway.test_main import is_ready, process
from tests.ports import free_port
from tests.waiting import eventually

SESSIONS = [f"s{number}" for number in range(6)]
EACH = 15


@asynccontextmanager
async def echo_process(redis_url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    started = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.acceptance.soak", redis_url)
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def test_two_of_each_lose_nothing_and_keep_the_order_while_one_of_each_is_killed(
    redis_url: str,
    ledger_url: str,
    admin_key: str,
    ops: AgentOpsClient,
    stream: RedisSessionStream,
    redis: Redis,
) -> None:
    ports = [free_port(), free_port()]
    headers = {"Authorization": f"Bearer {admin_key}"}
    async with AsyncExitStack() as stack:
        gateways = [
            await stack.enter_async_context(process(redis_url, ledger_url, admin_key, port)) for port in ports
        ]
        brains = [await stack.enter_async_context(echo_process(redis_url)) for _ in range(2)]
        webs = [
            await stack.enter_async_context(
                httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20)
            )
            for port in ports
        ]
        for web in webs:
            await eventually(lambda web=web: is_ready(web), timeout_s=60)  # type: ignore[misc]
        task = await a_task(ops, "told once by two gateways")
        ears = [
            await stack.enter_async_context(listening(stream, session=one, after=Position("0-0")))  # type: ignore[arg-type]
            for one in (*SESSIONS, "main")
        ]
        for number in range(EACH):
            for session in SESSIONS:
                web = webs[1] if number > EACH // 2 else webs[number % 2]
                answer = await web.post(f"/api/v1/sessions/{session}/turns", json={"text": str(number)})
                assert answer.status_code == 202
            if number == EACH // 2:
                gateways[0].kill()
                brains[0].kill()
                await work_done(ops, task)
        await eventually(lambda: all(len(ear.durable) >= EACH for ear in ears[:-1]), timeout_s=60)
        await eventually(lambda: ears[-1].durable)
    assert [ear.durable for ear in ears[:-1]] == [[f"re: {number}" for number in range(EACH)]] * len(SESSIONS)
    assert len(ears[-1].durable) == 1
    assert (await read_metrics(redis)).turns_waiting == 0
