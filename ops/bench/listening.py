"""The leanest listener of the live stream: a thousand of them must not be most of what is measured."""

import asyncio
import base64
import os
import time
from datetime import datetime
from typing import Self, cast

import msgspec

from ops.bench.stage import LedgerProcess

_TEXT, _CLOSE, _PING = 0x1, 0x8, 0x9
_PONG = b"\x8a\x80\x00\x00\x00\x00"
"""An empty pong, masked with zeros."""
MAX_KNOWN = 256


class _Event(msgspec.Struct):
    cursor: str
    at: datetime


_FRAME = msgspec.json.Decoder(list[_Event])
_known: dict[bytes, list[tuple[str, float]]] = {}


def _decoded(frame: bytes) -> list[tuple[str, float]]:
    """Cursors and times of a frame. All listeners get the same ones, so each is decoded once."""
    found = _known.get(frame)
    if found is None:
        if len(_known) > MAX_KNOWN:
            _known.clear()
        found = _known[frame] = [(one.cursor, one.at.timestamp()) for one in _FRAME.decode(frame)]
    return found


class Listener(asyncio.Protocol):
    """Collects cursors, and how late each came, from the server's frames (RFC 6455, never fragmented)."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.late: list[float] = []
        self._buffer = bytearray()
        self._open = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def connected(cls, process: LedgerProcess, types: str) -> Self:
        """Listens from now on.

        Raises:
            ConnectionError: the ledger did not let it in.
        """
        host, port = process.address
        _, listener = await asyncio.get_running_loop().create_connection(cls, host, port)
        key = base64.b64encode(os.urandom(16)).decode()
        listener._send(
            f"GET /api/v1/events/stream?types={types} HTTP/1.1\r\nhost: {host}\r\nupgrade: websocket\r\n"
            f"connection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n"
            f"authorization: Bearer {process.admin_key}\r\n\r\n".encode()
        )
        await listener._open
        return listener

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are not asyncio's by name

    def connection_lost(self, error: Exception | None) -> None:
        """Of asyncio."""
        if not self._open.done():
            self._open.set_exception(ConnectionError("the ledger did not accept the listener"))

    def data_received(self, data: bytes) -> None:
        """Of asyncio."""
        self._buffer += data
        if not self._open.done():
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._open.set_exception(ConnectionError(head[:100].decode(errors="replace")))
                return
            self._buffer = rest
            self._open.set_result(None)
        while self._take_frame():
            pass

    def close(self) -> None:
        """Goes without a word."""
        if self._transport is not None:
            self._transport.close()

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _take_frame(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        length, start = buffer[1], 2
        if length >= 126:
            start = 4 if length == 126 else 10
            if len(buffer) < start:
                return False
            length = int.from_bytes(buffer[2:start])
        if len(buffer) < start + length:
            return False
        payload = bytes(buffer[start : start + length])
        kind = buffer[0] & 0x0F
        del buffer[: start + length]
        self._take(kind, payload)
        return True

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == _PING:
            self._send(_PONG)
        elif kind == _TEXT:
            now = time.time()
            for cursor, at in _decoded(payload):
                self.seen.append(cursor)
                self.late.append(now - at)
