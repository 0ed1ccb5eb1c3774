"""A speech vendor on this machine: OpenAI's two paths, as pipecat's own services call them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np
from aiohttp import web

from voice.sound import to_bytes
from voice.speech import Speech

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

    async def transcriptions(self, request: web.Request) -> web.Response:
        """`POST /v1/audio/transcriptions`."""
        await request.read()
        if self.failing:
            return web.json_response({"error": {"message": "out of order"}}, status=400)
        self.transcribed += 1
        return web.json_response({"text": self.hears})

    async def audio(self, request: web.Request) -> web.Response:
        """`POST /v1/audio/speech`: PCM at 24 kHz."""
        wish = await request.json()
        if self.failing:
            return web.json_response({"error": {"message": "out of order"}}, status=400)
        self.spoken += 1
        pieces = [piece async for piece in self.speech.speak(wish["input"], RATE_HZ)]
        return web.Response(body=to_bytes(np.concatenate(pieces)), content_type="audio/pcm")


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
