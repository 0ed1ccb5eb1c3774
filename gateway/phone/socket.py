"""A WebSocket of the gateway's server, with its endings as one exception."""

from typing import Any, cast

import msgspec
from litestar import WebSocket
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect

LitestarSocket = WebSocket[Any, Any, State]


class Closed(Exception):
    """The other side, or the network, ended it. The message is for the log."""


class Socket:
    """Text in, text and bytes out."""

    def __init__(self, socket: LitestarSocket) -> None:
        self._socket = socket

    async def text(self) -> str:
        """The next message; bytes are read as text.

        Raises:
            Closed: There will be none.
        """
        message = await self._next()
        return cast("str", message["text"]) if message.get("text") is not None else _decoded(message)

    async def _next(self) -> dict[str, Any]:
        try:
            message = cast("dict[str, Any]", await self._socket.receive())
        except WebSocketDisconnect:
            raise Closed("closed") from None
        if message["type"] == "websocket.disconnect":
            raise Closed(f"closed with {message.get('code', 1005)}")
        return message

    async def send(self, text: str) -> None:
        """Send a message.

        Raises:
            Closed: It is over.
        """
        try:
            await self._socket.send_data(text)
        except (WebSocketDisconnect, RuntimeError, OSError):
            raise Closed("closed") from None

    async def close(self, code: int, reason: str) -> None:
        """End it; harmless when it has ended."""
        try:
            await self._socket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError, OSError):
            return


def _decoded(message: dict[str, Any]) -> str:
    return bytes(message.get("bytes") or b"").decode(errors="replace")


async def refuse(socket: LitestarSocket, status: int, body: msgspec.Struct | None = None) -> None:
    """Answer the handshake with an HTTP error instead of a WebSocket."""
    headers = [(b"content-type", b"application/problem+json")]
    start = {"type": "websocket.http.response.start", "status": status, "headers": headers}
    end = {"type": "websocket.http.response.body", "body": msgspec.json.encode(body) if body else b""}
    for message in (start, end):
        await socket.send(cast("Any", message))
