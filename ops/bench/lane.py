"""The leanest client that still speaks whole HTTP: one kept-alive connection, one request at a time.

The bench shares two cores with what it measures; a general client would be most of the figure.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Any, Self

import msgspec

TIMEOUT_S = 60.0


class Refused(Exception):
    """An answer that was no success."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status}: {body[:300].decode(errors='replace')}")
        self.status = status
        self.body = body


class Lane:
    """One connection. Open it again after a `ConnectionError`."""

    def __init__(self, host: str, port: int, key: str) -> None:
        self._host, self._port = host, port
        self._head = f"host: {host}\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n"
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Connects."""
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)

    async def close(self) -> None:
        """Drops the connection; harmless when there is none."""
        writer, self._reader, self._writer = self._writer, None, None
        if writer is not None:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def post(self, path: str, body: object, *, key: str | None = None) -> Any:
        """POST under /api/v1; the decoded JSON.

        Raises:
            Refused: the ledger said no.
            ConnectionError: the connection ended; the request may have been done.
        """
        return await self.post_for(Any, path, body, key=key)

    async def post_for(self, kind: Any, path: str, body: object, *, key: str | None = None) -> Any:
        """The same, decoded as `kind`, which may leave out what nobody reads."""
        once = f"idempotency-key: {key}\r\n" if key else ""
        content = await self._ask(f"POST /api/v1{path}", once, msgspec.json.encode(body))
        return msgspec.json.decode(content, type=kind) if content else None

    async def get(self, path: str) -> Any:
        """GET under /api/v1; as `post`."""
        content = await self._ask(f"GET /api/v1{path}", "", b"")
        return msgspec.json.decode(content) if content else None

    async def _ask(self, what: str, more: str, body: bytes) -> bytes:
        if self._reader is None or self._writer is None or self._writer.is_closing():
            raise ConnectionError("not connected")
        head = f"{what} HTTP/1.1\r\n{self._head}{more}content-length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await self._reader.readuntil(b"\r\n\r\n")
                status, length = _understood(answer)
                content = await self._reader.readexactly(length)
        except asyncio.IncompleteReadError as error:
            await self.close()
            raise ConnectionError("the connection ended before the answer") from error
        if status >= 300:
            raise Refused(status, content)
        return content


def _understood(head: bytes) -> tuple[int, int]:
    """The status, and how long the body is."""
    lines = head.lower().split(b"\r\n")
    length = next((line[15:] for line in lines if line.startswith(b"content-length:")), b"0")
    return int(lines[0][9:12]), int(length)


class Lanes:
    """Several connections with one key."""

    def __init__(self, address: tuple[str, int], key: str, count: int) -> None:
        self._lanes = [Lane(*address, key) for _ in range(count)]
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Sequence[Lane]:
        for lane in self._lanes:
            await self._stack.enter_async_context(lane)
        return self._lanes

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()


def query(values: Mapping[str, str]) -> str:
    """A query string of values that need no escaping."""
    return "&".join(f"{name}={value}" for name, value in values.items())
