"""The carrier against real servers: what arrives, and what the SDK makes of what goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from aiohttp import web

from agentops import AgentOpsClient, RetryPolicy, Unavailable
from gateway.carrier import Carrier
from tests.ports import free_port

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ONCE = RetryPolicy(tries=1)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port := free_port())
    await site.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def client(url: str, *, timeout_s: float = 5.0) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, timeout=timeout_s, transport=Carrier(trust_env=False)) as http:
        yield http


async def echo(request: web.Request) -> web.Response:
    told = {
        "method": request.method,
        "path": request.raw_path,
        "key": request.headers.get("Idempotency-Key"),
        "length": request.headers.get("Content-Length"),
        "body": (await request.read()).decode(),
    }
    return web.json_response(told, status=int(request.query.get("status", "200")))


async def pieces() -> AsyncIterator[bytes]:
    yield b"one "
    yield b"two"


async def test_what_is_sent_arrives_as_it_was_written() -> None:
    async with serving(echo) as url, client(url) as http:
        sent = await http.post("/a%2Fb/c?q=x%20y", content=b"words", headers={"Idempotency-Key": "k"})
        assert sent.json() == {
            "method": "POST",
            "path": "/a%2Fb/c?q=x%20y",
            "key": "k",
            "length": "5",
            "body": "words",
        }
        assert (await http.get("/?status=409")).status_code == 409


@pytest.mark.parametrize(("headers", "length"), [({}, None), ({"Content-Length": "7"}, "7")])
async def test_a_file_is_sent_piece_by_piece(headers: dict[str, str], length: str | None) -> None:
    async with serving(echo) as url, client(url) as http:
        sent = (await http.post("/", content=pieces(), headers=headers)).json()
    assert (sent["body"], sent["length"]) == ("one two", length)


async def test_an_answer_that_is_not_read_leaves_the_next_one_whole() -> None:
    async def long(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x" * 1_000_000)

    async with serving(long) as url, client(url) as http:
        async with http.stream("GET", "/") as answer:
            assert answer.status_code == 200
        assert len((await http.get("/")).content) == 1_000_000


async def test_a_server_that_is_not_there_has_done_nothing() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    async with AgentOpsClient(url, "cos_" + "x" * 32, retry=ONCE, carrier=Carrier(trust_env=False)) as ops:
        with pytest.raises(Unavailable) as refused:
            await ops.list_people()
    assert not refused.value.maybe_done


async def test_a_connection_that_breaks_may_have_done_it() -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with (
        serving(broken) as url,
        AgentOpsClient(url, "cos_" + "x" * 32, retry=ONCE, carrier=Carrier(trust_env=False)) as ops,
    ):
        with pytest.raises(Unavailable) as lost:
            await ops.list_people()
    assert lost.value.maybe_done


async def test_a_server_that_says_nothing_is_given_up() -> None:
    asked = asyncio.Event()

    async def silent(request: web.Request) -> web.StreamResponse:
        asked.set()
        await asyncio.Event().wait()
        return web.Response()

    async with serving(silent) as url, client(url, timeout_s=0.2) as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.get("/")
    assert asked.is_set()
