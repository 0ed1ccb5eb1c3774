"""The browser's WebSocket: binary messages are sound, text messages are one JSON object each."""

from typing import Any, cast

import msgspec
from litestar import WebSocket
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect

from agentops.wire import Problem

LitestarSocket = WebSocket[Any, Any, State]
MISUSED, BUSY = 1008, 1013


class Gone(Exception):
    """The other side, or the network, ended it. The message is for the log."""


class BrowserSocket:
    """Sound and words in, sound and words out."""

    def __init__(self, socket: LitestarSocket) -> None:
        self._socket = socket
        self._over = False

    async def receive(self) -> bytes | str:
        """The next message.

        Raises:
            Gone: There will be none.
        """
        try:
            message = cast("dict[str, Any]", await self._socket.receive())
        except WebSocketDisconnect:
            raise Gone("closed") from None
        if message["type"] == "websocket.disconnect":
            self._over = True
            raise Gone(f"closed with {message.get('code', 1005)}")
        text = message.get("text")
        return cast("str", text) if text is not None else bytes(message.get("bytes") or b"")

    async def sound(self, data: bytes) -> None:
        """Send sound; nothing once it is over."""
        await self._send(data, "binary")

    async def say(self, message: msgspec.Struct) -> None:
        """Send a message; nothing once it is over."""
        await self._send(msgspec.json.encode(message), "text")

    async def ended(self, reason: str, text: str) -> None:
        """Tell that the call is over, and close."""
        await self.say(Ended(reason=reason, text=text))
        await self.close(BUSY if reason in ("busy", "unavailable") else 1000, reason)

    async def close(self, code: int, reason: str) -> None:
        """Close it; harmless when it is."""
        if self._over:
            return
        self._over = True
        try:
            await self._socket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError, OSError):
            return

    async def _send(self, data: bytes, mode: str) -> None:
        if self._over:
            return
        try:
            await self._socket.send_data(data, mode="binary" if mode == "binary" else "text")
        except (WebSocketDisconnect, RuntimeError, OSError):
            self._over = True


class Ended(msgspec.Struct, frozen=True, tag_field="type", tag="ended"):
    """The last message."""

    reason: str
    """`caller`, `handler`, `silence`, `time_limit`, `fault`, `busy`, `unavailable`."""
    text: str
    """A sentence for the person; empty when there is nothing to say."""


async def refuse(socket: LitestarSocket, problem: Problem) -> None:
    """The refusal as the handshake's HTTP response."""
    headers = [(b"content-type", b"application/problem+json")]
    start = {"type": "websocket.http.response.start", "status": problem.status, "headers": headers}
    body = {"type": "websocket.http.response.body", "body": msgspec.json.encode(problem)}
    for message in (start, body):
        await socket.send(cast("Any", message))
