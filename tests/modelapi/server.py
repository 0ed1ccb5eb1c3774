"""A server on a free port that answers each request with the next script."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from tests.modelapi.dialects import Dialect
from tests.modelapi.scripts import Breaks, Calls, Hangs, Refuses, Says, Script

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _Cut(Exception):
    """Ends a connection in the middle: uvicorn closes it without saying that the answer is over."""


@dataclass
class ModelApi:
    """Keeps what it was asked."""

    dialect: Dialect
    scripts: list[Script]
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """A client hung up while the server said nothing."""
    callers: set[tuple[str, int]] = field(default_factory=set)
    """Where connections came from; each comes from a port of its own."""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """One request, as ASGI brings it."""
        body = await _body(receive)
        self.callers.add(scope["client"])
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.keys.append(next((headers[name] for name in self.dialect.key_headers if name in headers), ""))
        self.requests.append(json.loads(body))
        script = self.scripts[min(len(self.requests), len(self.scripts)) - 1]
        if isinstance(script, Refuses):
            await _send(send, script.status, "application/json", self.dialect.refusal(script, self.keys[-1]))
            return
        if isinstance(script, Hangs):
            await self._hang(script, receive, send)
            return
        await self._stream(script, send)

    async def _stream(self, script: Says | Calls | Breaks, send: Send) -> None:
        said = script.after if isinstance(script, Breaks) else script
        frames = list(self.dialect.frames(said))
        if isinstance(script, Breaks):
            frames = frames[: max(len(frames) - self.dialect.closing_frames - 1, 1)]
        await send(_start(200, self.dialect.media_type))
        for frame in frames:
            await send({"type": "http.response.body", "body": frame, "more_body": True})
        if isinstance(script, Breaks):
            raise _Cut
        await send({"type": "http.response.body", "body": b""})

    async def _hang(self, script: Hangs, receive: Receive, send: Send) -> None:
        if script.after:
            frames = list(self.dialect.frames(script.after))
            await send(_start(200, self.dialect.media_type))
            for frame in frames if script.whole else frames[: -self.dialect.closing_frames]:
                await send({"type": "http.response.body", "body": frame, "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        self.gone.set()


@asynccontextmanager
async def serving(dialect: Dialect, *scripts: Script) -> AsyncIterator[ModelApi]:
    """The server, until the block ends. The last script answers every further request."""
    api = ModelApi(dialect, list(scripts))
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        api, lifespan="off", log_config=None, loop="none", ws="none", timeout_graceful_shutdown=1
    )
    # Whoever connects before it has started waits in the socket's queue.
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve([listener]))
    api.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield api
    finally:
        server.should_exit = True
        await running


def _start(status: int, media_type: str) -> Message:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-type", media_type.encode())],
    }


async def _send(send: Send, status: int, media_type: str, body: bytes) -> None:
    await send(_start(status, media_type))
    await send({"type": "http.response.body", "body": body})


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body
