"""What every answer carries."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from ui.security import SecurityHeaders


async def page(_: Request) -> Response:
    return HTMLResponse("<script>one()</script><script src=two></script>ä")


async def sandboxed(_: Request) -> Response:
    return Response(b"x", headers={"Content-Security-Policy": "sandbox"})


async def streamed(_: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"<script"
        yield b">"

    return StreamingResponse(pieces(), media_type="text/html")


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[Route("/", page), Route("/file", sandboxed), Route("/streamed", streamed)])
    app.add_middleware(SecurityHeaders)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://panel") as client:
        yield client


async def test_a_script_of_a_page_runs_by_the_nonce_of_that_answer(browser: httpx.AsyncClient) -> None:
    first, second = await browser.get("/"), await browser.get("/")
    nonces = set(re.findall(r'<script nonce="([^"]+)"', first.text))
    assert len(nonces) == 1
    assert f"'nonce-{nonces.pop()}'" in first.headers["content-security-policy"]
    assert first.headers["content-security-policy"] != second.headers["content-security-policy"]
    assert "'unsafe-inline'" not in re.search(r"script-src[^;]*", first.headers["content-security-policy"])[0]  # type: ignore[index]


async def test_the_page_is_whole(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/")
    assert answer.text.endswith("</script>ä")
    assert int(answer.headers["content-length"]) == len(answer.content)


async def test_a_page_in_pieces_has_its_nonce_too(browser: httpx.AsyncClient) -> None:
    assert re.fullmatch(r'<script nonce="[^"]+">', (await browser.get("/streamed")).text)


async def test_nobody_may_frame_or_sniff(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/")).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_a_stricter_policy_stays(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/file")).headers["content-security-policy"] == "sandbox"
