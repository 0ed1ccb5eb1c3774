"""`ui/static/call.js` in a real Chromium, whose microphone is a wave file."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import WSMsgType, web
from playwright.async_api import async_playwright
from websockets.asyncio.client import connect

from ops.phone_calls import Network
from tests.browser.chromium import ARGS, Watch, executable
from tests.integration.gateway_phone.conftest import StartGateway
from tests.integration.gateway_phone.test_identity import Brain, brain
from tests.ports import free_port
from voice.sound import to_bytes, to_samples
from voice.speech import Speech

__all__ = ["brain"]

STATIC = Path(__file__).resolve().parents[3] / "ui" / "static"
PAGE = """<!doctype html><link rel="icon" href="data:,"><script type="module">
import { startCall } from "/static/call.js";
window.seen = { states: [], words: [], ended: null, loudest: 0 };
window.call = await startCall({
  url: "/call",
  onState: (state) => seen.states.push(state),
  onTranscript: (words) => seen.words.push(words),
  onEnded: (ended) => (seen.ended = ended),
  onLevel: (level) => (seen.loudest = Math.max(seen.loudest, level)),
});
</script>"""


class Panel:
    """What the panel does for a call: serves the script, and carries the socket with its key."""

    def __init__(self, network: Network, key: str) -> None:
        self._gateway = f"ws{network.gateway.removeprefix('http')}/api/v1/sessions/main/call"
        self._key = key
        self.sound = bytearray()
        """What the browser was given to play."""
        self.echoed: list[str] = []
        """Marks that it has played."""

    async def page(self, request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def carry(self, request: web.Request) -> web.WebSocketResponse:
        browser = web.WebSocketResponse()
        await browser.prepare(request)
        async with connect(
            self._gateway, additional_headers={"Authorization": f"Bearer {self._key}"}
        ) as gateway:

            async def back() -> None:
                async for message in gateway:
                    if isinstance(message, bytes):
                        self.sound += message
                        await browser.send_bytes(message)
                    else:
                        await browser.send_str(message)
                await browser.close()

            carrying = asyncio.create_task(back())
            async for message in browser:
                if message.type is WSMsgType.TEXT and '"mark"' in message.data:
                    self.echoed.append(message.data)
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    await gateway.send(message.data)
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)
        return browser


@asynccontextmanager
async def served(panel: Panel) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes([web.get("/", panel.page), web.get("/call", panel.carry), web.static("/static", STATIC)])
    runner, port = web.AppRunner(app), free_port()
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://localhost:{port}"
    finally:
        await runner.cleanup()


def microphone(path: Path, samples: "np.ndarray[Any, Any]") -> Path:
    """A wave file that Chromium takes for a microphone: it begins to speak when the greeting is over."""
    lead, rest = np.zeros(6 * 48_000, np.float32), np.zeros(20 * 48_000, np.float32)
    sound = np.concatenate([lead, np.repeat(samples, 3), rest])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(to_bytes(sound))
    return path


@pytest.mark.long
@pytest.mark.browser
async def test_a_microphone_is_heard_and_the_answer_is_played(
    start_gateway: StartGateway, admin_key: str, brain: Brain, speech: Speech, tmp_path: Path
) -> None:
    said = np.concatenate([piece async for piece in speech.speak("What is going on?", 16_000)])
    wav = microphone(tmp_path / "microphone.wav", said)
    flags = [
        *ARGS,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={wav}%noloop",
        "--autoplay-policy=no-user-gesture-required",
    ]
    async with start_gateway(account_sid="", auth_token=None) as network, async_playwright() as playwright:
        panel = Panel(network, admin_key)
        async with served(panel) as url:
            browser = await playwright.chromium.launch(
                executable_path=executable(), args=flags, headless=True
            )
            try:
                page = await browser.new_page()
                watch = Watch(url.removeprefix("http://"))
                watch.over(page)
                await page.goto(url)
                answered = "window.seen.words.some(w => w.who === 'chief' && w.final)"
                await page.wait_for_function(answered, timeout=40_000)
                await page.evaluate("window.call.stop()")
                seen = await page.evaluate("window.seen")
            finally:
                await browser.close()
    heard = next(words["text"] for words in seen["words"] if words["who"] == "person")
    assert "going on" in heard.lower()
    assert "going on" in brain.asked[0].text.lower()
    assert "all done" in (await speech.transcribe(to_samples(bytes(panel.sound)), 16_000)).lower()
    assert len(panel.echoed) >= 2  # the greeting and the answer came out of the loudspeaker
    assert seen["states"][0] == "connecting"
    assert seen["states"][-1] == "ended"
    assert (seen["ended"]["reason"], seen["loudest"] > 0.02) == ("caller", True)
    assert watch.faults == []
