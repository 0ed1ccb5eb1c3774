"""A call from the chat: the browser's microphone, over the panel, to a gateway that speaks the protocol."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.browser.chromium import Watch
from tests.browser.panel import PanelProcess
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SILENCE = b"\x00" * 3200


@dataclass
class Exchange:
    """The far end of calls: what it heard, and the call to speak on."""

    heard_bytes: int = 0
    told: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    line: ServerConnection | None = None

    async def answer(self, line: ServerConnection) -> None:
        """Take a call and listen until it ends."""
        assert line.request
        self.paths.append(line.request.path)
        self.keys.append(line.request.headers.get("Authorization", ""))
        self.line = line
        await self.say(type="ready", sample_rate_hz=16_000)
        await self.say(type="state", state="listening")
        try:
            async for message in line:
                if isinstance(message, bytes):
                    self.heard_bytes += len(message)
                else:
                    self.told.append(json.loads(message))
        except ConnectionClosed:
            return

    async def say(self, **message: object) -> None:
        """Tell the caller's page something."""
        assert self.line
        await self.line.send(json.dumps(message))


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(no_gateway: str) -> AsyncIterator[Exchange]:
    """A gateway for the time of a test, where there is none otherwise."""
    exchange = Exchange()
    async with serve(exchange.answer, "127.0.0.1", urlsplit(no_gateway).port):
        yield exchange


@pytest_asyncio.fixture(loop_scope="session")
async def talk(page: Page, panel: PanelProcess, watch: Watch) -> Page:
    watch.allowed = ("404", "503")
    await page.context.grant_permissions(["microphone"], origin=panel.url)
    await page.goto(f"{panel.url}/talk")
    return page


async def test_a_call_is_heard_and_its_words_are_seen(talk: Page, exchange: Exchange) -> None:
    await talk.get_by_role("button", name="Call the chief").click()
    call = talk.get_by_role("region", name="Call")
    await expect(call).to_contain_text("Listening")
    await eventually(lambda: exchange.heard_bytes > 0)
    assert exchange.paths == ["/api/v1/sessions/main/call"]
    assert exchange.keys[0].startswith("Bearer cos_")
    await exchange.say(type="transcript", who="person", id="1", text="What is going on?", final=True)
    await exchange.say(type="state", state="speaking")
    assert exchange.line
    await exchange.line.send(SILENCE)
    await exchange.say(type="transcript", who="chief", id="2", text="One task", final=False)
    await exchange.say(type="transcript", who="chief", id="2", text="One task runs.", final=True)
    await expect(call).to_contain_text("Speaking")
    await expect(call).to_contain_text("What is going on?")
    await expect(call).to_contain_text("One task runs.")
    await exchange.say(type="mark", name="greeting")
    await eventually(lambda: {"type": "mark", "name": "greeting"} in exchange.told)
    await call.get_by_role("button", name="Mute").click()
    await expect(call.get_by_role("button", name="Unmute")).to_be_visible()
    await call.get_by_role("button", name="Hang up").click()
    await expect(call).to_be_hidden()
    await asyncio.wait_for(exchange.line.wait_closed(), 5)
    assert {"type": "hangup"} in exchange.told


async def test_the_far_end_says_why_it_ended(talk: Page, exchange: Exchange) -> None:
    await talk.get_by_role("button", name="Call the chief").click()
    call = talk.get_by_role("region", name="Call")
    await expect(call).to_contain_text("Listening")
    await exchange.say(type="ended", reason="busy", text="All lines are <b>busy</b>.")
    assert exchange.line
    await exchange.line.close()
    await expect(call.get_by_role("alert")).to_have_text("All lines are <b>busy</b>.")
    await call.get_by_role("button", name="Close").click()
    await expect(call).to_be_hidden()


async def test_without_a_gateway_a_call_says_so(talk: Page) -> None:
    await talk.get_by_role("button", name="Call the chief").click()
    call = talk.get_by_role("region", name="Call")
    await expect(call.get_by_role("alert")).to_contain_text("Calls are not possible just now")


async def test_nobody_calls_from_another_site_or_without_a_login(
    panel: PanelProcess, exchange: Exchange
) -> None:
    url = f"{panel.url.replace('http', 'ws', 1)}/call"
    async with httpx.AsyncClient() as http:
        await http.get(await panel.login_url())
        cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    for headers in ({"Cookie": cookie, "Origin": "https://evil.example"}, {}):
        with pytest.raises(InvalidStatus):
            await connect(url, additional_headers=headers, proxy=None)
    assert exchange.paths == []
