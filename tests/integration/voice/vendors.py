"""Speech vendors on this machine: OpenAI's two paths, and Cartesia's stream, as pipecat calls them."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
from aiohttp import web
from pydantic import SecretStr
from websockets.asyncio.server import ServerConnection, serve

from voice.settings import VoiceSettings
from voice.sound import to_bytes
from voice.speech import Speech
from voice.vendors import open_http_client

RATE_HZ = 24_000


@dataclass
class Vendor:
    """Answers until it is told to fail."""

    speech: Speech
    url: str = ""
    failing: bool = False
    hears: str = ""
    transcribed: int = 0
    spoken: int = 0
    callers: set[tuple[str, int]] = field(default_factory=set)
    """Where connections came from; each comes from a port of its own."""

    async def transcriptions(self, request: web.Request) -> web.Response:
        """`POST /v1/audio/transcriptions`."""
        self._called(request)
        await request.read()
        if self.failing:
            return web.json_response({"error": {"message": "out of order"}}, status=400)
        self.transcribed += 1
        return web.json_response({"text": self.hears})

    async def audio(self, request: web.Request) -> web.Response:
        """`POST /v1/audio/speech`: PCM at 24 kHz."""
        self._called(request)
        wish = await request.json()
        if self.failing:
            return web.json_response({"error": {"message": "out of order"}}, status=400)
        self.spoken += 1
        pieces = [piece async for piece in self.speech.speak(wish["input"], RATE_HZ)]
        return web.Response(body=to_bytes(np.concatenate(pieces)), content_type="audio/pcm")

    def _called(self, request: web.Request) -> None:
        assert request.transport
        self.callers.add(request.transport.get_extra_info("peername"))


@asynccontextmanager
async def vendor(speech: Speech) -> AsyncIterator[Vendor]:
    """Serve it on a free port of this machine."""
    served = Vendor(speech)
    app = web.Application(client_max_size=10_000_000)
    app.router.add_post("/v1/audio/transcriptions", served.transcriptions)
    app.router.add_post("/v1/audio/speech", served.audio)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    served.url = f"http://{host}:{port}/v1"
    try:
        yield served
    finally:
        await asyncio.wait_for(runner.cleanup(), 10)


@asynccontextmanager
async def bought(
    speech: Speech, served: Vendor, *, stt: bool = False, tts: bool = False
) -> AsyncIterator[Speech]:
    """These engines, with its ears, its voice or both bought from that vendor."""
    key = SecretStr("sk-test")
    settings = VoiceSettings(
        _env_file=None,  # type: ignore[call-arg]
        stt="openai" if stt else "local",
        stt_api_key=key,
        stt_url=served.url,
        tts="openai" if tts else "local",
        tts_api_key=key,
        tts_url=served.url,
        tts_voice="alloy",
    )
    client = open_http_client(settings)
    assert client
    async with client:
        yield dataclasses.replace(speech, settings=settings, http_client=client)


@asynccontextmanager
async def streaming(early: str, last: str) -> AsyncIterator[str]:
    """A vendor that ends its segments where it likes; its URL.

    Args:
        early: Is given while the caller still speaks.
        last: Is given when it is told that they have stopped.
    """

    async def listen(socket: ServerConnection) -> None:
        heard_s, told = 0.0, False
        async for message in socket:
            if isinstance(message, bytes):
                loud = bool(np.abs(np.frombuffer(message, "<i2").astype(np.int32)).max(initial=0) > 1_000)
                heard_s += loud * len(message) / 16_000
                if heard_s > 0.4 and not told:
                    told = True
                    await socket.send(_transcript(early))
            elif message == "finalize" and told:
                await socket.send(_transcript(last))

    async with serve(listen, "127.0.0.1", 0, compression=None) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


def _transcript(text: str) -> str:
    return json.dumps({"type": "transcript", "is_final": True, "text": text})
