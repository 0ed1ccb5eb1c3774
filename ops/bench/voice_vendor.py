"""A speech vendor on this machine: Cartesia's two WebSockets, with the latencies that a vendor has.

It answers `finalize` with the next sentence of a list, whatever was said, and speaks as a hum that is as
long as the words would be: recognising and speaking cost nothing, so that what is measured is all else.
https://docs.cartesia.ai/api-reference/stt/stt, https://docs.cartesia.ai/api-reference/tts/websocket
"""

import asyncio
import base64
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count, cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from ops.bench.voice_speakers import PHRASES
from ops.embedded import processes
from ops.errors import StartFailed

HOST = "127.0.0.1"
STT_S = 0.15
"""From `finalize` to the transcript, the network included."""
TTS_S = 0.12
"""From a text to its first sound, the network included."""
_CHUNK_S = 0.1
_PACE = 4.0
"""Times as fast as it is played."""
_LETTERS_PER_S = 15.0
_AUDIBLE = 300
_STARTS_WITHIN_S = 20.0

_callers = count()


async def listen(socket: ServerConnection) -> None:
    """Speech to text: sound in, and a transcript for each `finalize` after which something was said."""
    sentences = cycle(PHRASES[(at := next(_callers) % len(PHRASES)) :] + PHRASES[:at])
    spoke = False
    async for message in socket:
        if isinstance(message, bytes):
            spoke = spoke or _loud(message)
        elif message == "finalize":
            if spoke:
                await asyncio.sleep(STT_S)
                await socket.send(
                    json.dumps({"type": "transcript", "is_final": True, "text": next(sentences)})
                )
            spoke = False
            await socket.send(json.dumps({"type": "flush_done"}))
        elif message == "done":
            return


def _loud(pcm: bytes) -> bool:
    return bool(np.abs(np.frombuffer(pcm[: len(pcm) & ~1], "<i2").astype(np.int32)).max(initial=0) > _AUDIBLE)


async def speak(socket: ServerConnection) -> None:
    """Text to speech: each text is answered with sound; a context ends with `done`."""
    speaking: dict[str, asyncio.Task[None]] = {}
    try:
        async for message in socket:
            wish: dict[str, Any] = json.loads(message)
            context = str(wish["context_id"])
            before = speaking.get(context)
            if wish.get("cancel"):
                if before is not None:
                    before.cancel()
                continue
            speaking[context] = asyncio.create_task(_spoken(socket, wish, context, before))
    finally:
        for task in speaking.values():
            task.cancel()


async def _spoken(
    socket: ServerConnection, wish: dict[str, Any], context: str, before: "asyncio.Task[None] | None"
) -> None:
    if before is not None:
        await asyncio.wait([before])
    with suppress(ConnectionClosed):
        if text := wish.get("transcript", ""):
            await asyncio.sleep(TTS_S)
            for chunk in _hum(len(text) / _LETTERS_PER_S, int(wish["output_format"]["sample_rate"])):
                sound = {"type": "chunk", "data": chunk, "done": False, "context_id": context}
                await socket.send(json.dumps(sound))
                await asyncio.sleep(_CHUNK_S / _PACE)
        if not wish.get("continue", False):
            await socket.send(json.dumps({"type": "done", "done": True, "context_id": context}))


def _hum(seconds: float, rate_hz: int) -> list[str]:
    wave = np.sin(2 * np.pi * 220 * np.arange(int(_CHUNK_S * rate_hz)) / rate_hz)
    chunk = base64.b64encode((6_000 * wave).astype("<i2").tobytes()).decode()
    return [chunk] * max(1, round(seconds / _CHUNK_S))


async def _serve(port: int) -> None:
    async def take(socket: ServerConnection) -> None:
        path = urlsplit(socket.request.path if socket.request else "").path
        with suppress(ConnectionClosed):
            await (listen(socket) if path == "/stt/websocket" else speak(socket))

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(take, HOST, port, compression=None):
        await stop.wait()


@asynccontextmanager
async def vendor(home: Path, port: int) -> AsyncIterator[dict[str, str]]:
    """Run it beside the block, in a process of its own; the variables that lead a gateway to it.

    Raises:
        StartFailed: It did not start.
    """
    command = (sys.executable, "-P", "-m", "ops.bench.voice_vendor", str(port))
    log = home / "logs" / "vendor.log"
    process = await processes.spawn(command, directory=home, environment=os.environ, log=log)
    try:
        await _up(port)
        yield {
            "VOICE_STT": "cartesia",
            "VOICE_STT_API_KEY": "simulated",
            "VOICE_STT_URL": f"ws://{HOST}:{port}",
            "VOICE_TTS": "cartesia",
            "VOICE_TTS_API_KEY": "simulated",
            "VOICE_TTS_URL": f"ws://{HOST}:{port}/tts/websocket",
            "VOICE_TTS_VOICE": "simulated",
        }
    finally:
        await processes.stop(process, (signal.SIGTERM, 2.0))


async def _up(port: int) -> None:
    try:
        async with asyncio.timeout(_STARTS_WITHIN_S):
            while True:
                with suppress(OSError):
                    async with connect(f"ws://{HOST}:{port}/stt/websocket", proxy=None):
                        return
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise StartFailed("The simulated speech vendor did not start.") from None


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
