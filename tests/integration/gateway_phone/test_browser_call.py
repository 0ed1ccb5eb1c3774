"""A call from the browser, over the gateway's socket; the browser itself is played by a WebSocket client."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import groupby
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ops.phone_calls import Network
from tests.integration.gateway_phone.conftest import StartGateway
from tests.integration.gateway_phone.test_abuse import until_closed
from tests.integration.gateway_phone.test_identity import Brain, brain
from voice.sound import to_bytes, to_samples
from voice.speech import Speech

__all__ = ["brain"]

FRAME_S, FRAME_BYTES = 0.02, 640


class Browser:
    """Speaks, listens and echoes marks as `ui/static/call.js` does, but plays faster than real time."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.told: list[dict[str, Any]] = []
        self.sound = bytearray()

    async def speak(self, pcm: bytes) -> None:
        """In real time, with silence behind it until the call ends."""
        frames = [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES)]
        while True:
            await self._socket.send(frames.pop(0) if frames else bytes(FRAME_BYTES))
            await asyncio.sleep(FRAME_S)

    async def listen(self, until: str) -> dict[str, Any]:
        """Take in until a final transcript of `who`, or the message of that type; it."""
        async with asyncio.timeout(30):
            while True:
                message = await self._socket.recv()
                if isinstance(message, bytes):
                    self.sound += message
                    continue
                told: dict[str, Any] = json.loads(message)
                self.told.append(told)
                if told["type"] == "mark":
                    await self._socket.send(json.dumps(told))
                if told["type"] == until or (told.get("who") == until and told.get("final")):
                    return told


@asynccontextmanager
async def calling(network: Network, key: str) -> AsyncIterator[ClientConnection]:
    url = f"ws{network.gateway.removeprefix('http')}/api/v1/sessions/main/call"
    async with connect(url, additional_headers={"Authorization": f"Bearer {key}"}) as socket:
        yield socket


async def test_what_is_said_in_the_browser_is_answered_aloud_and_in_words(
    start_gateway: StartGateway, admin_key: str, brain: Brain, speech: Speech
) -> None:
    said = np.concatenate([piece async for piece in speech.speak("What is going on?", 16_000)])
    async with (
        start_gateway(account_sid="", auth_token=None) as network,
        calling(network, admin_key) as socket,
    ):
        browser = Browser(socket)
        assert (await browser.listen("ready"))["sample_rate_hz"] == 16_000
        await browser.listen("mark")  # the greeting has begun
        speaking = asyncio.create_task(browser.speak(to_bytes(said)))
        person = await browser.listen("person")
        browser.sound.clear()
        chief = await browser.listen("chief")
        speaking.cancel()
        await socket.send('{"type": "hangup"}')
        ended = await browser.listen("ended")
    assert "going on" in person["text"].lower()
    assert chief["text"].strip() == "It is all done."
    assert "all done" in (await speech.transcribe(to_samples(bytes(browser.sound)), 16_000)).lower()
    assert (ended["reason"], brain.asked[0].channel) == ("caller", "call")
    states = [told["state"] for told in browser.told if told["type"] == "state"]
    heard = [state for state, _ in groupby(one for one in states if one != "listening")]
    assert heard == ["speaking", "thinking", "speaking"]


async def test_nobody_talks_without_a_key_that_may(
    start_gateway: StartGateway, reader_key: str, admin_key: str
) -> None:
    async with start_gateway(account_sid="", auth_token=None) as network:
        for key, status in (("nonsense", 401), (reader_key, 403)):
            with pytest.raises(InvalidStatus) as refused:
                async with calling(network, key):
                    pass
            assert refused.value.response.status_code == status
        async with httpx.AsyncClient(base_url=network.gateway) as web:
            assert (await web.post("/phone/voice")).status_code == 404  # there is no telephone


@pytest.mark.parametrize(("garbage", "code"), [("not json", 1008), (bytes(10_000_000), 1009)])
async def test_garbage_ends_the_call_that_sent_it(
    start_gateway: StartGateway, admin_key: str, garbage: str | bytes, code: int
) -> None:
    async with (
        start_gateway(account_sid="", auth_token=None) as network,
        calling(network, admin_key) as socket,
    ):
        with suppress(ConnectionClosed):
            await socket.send(garbage)
        assert await until_closed(socket) == code
