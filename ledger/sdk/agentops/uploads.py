"""The body of an upload: bytes, a file or a stream, sent in pieces and again if it can be."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Protocol

CHUNK_BYTES = 256 * 1024


class Body(Protocol):
    """What the transport needs to know of a request's body."""

    @property
    def size_bytes(self) -> int | None:
        """None when it is known only at the end."""

    @property
    def replayable(self) -> bool:
        """Whether `chunks` may be called (again)."""

    def chunks(self) -> AsyncIterator[bytes]:
        """The content from its beginning, piece by piece."""


async def body_of(content: bytes | Path | AsyncIterable[bytes]) -> Body:
    """Wrap what a caller gave.

    Raises:
        OSError: The file is missing or cannot be read.
    """
    if isinstance(content, Path):
        size_bytes = (await asyncio.to_thread(content.stat)).st_size
        return FileBody(content, size_bytes)
    if isinstance(content, bytes | bytearray | memoryview):
        return BytesBody(bytes(content))
    return StreamBody(content)


class BytesBody:
    """Content held in memory."""

    replayable = True

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size_bytes = len(content)

    async def chunks(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), CHUNK_BYTES):
            yield self._content[start : start + CHUNK_BYTES]


class FileBody:
    """A file, read off the event loop. Bytes appended after the upload began are left out."""

    replayable = True

    def __init__(self, path: Path, size_bytes: int) -> None:
        self._path = path
        self.size_bytes = size_bytes

    async def chunks(self) -> AsyncIterator[bytes]:
        file = await asyncio.to_thread(self._path.open, "rb")
        try:
            left = self.size_bytes
            while left > 0:
                chunk = await asyncio.to_thread(file.read, min(CHUNK_BYTES, left))
                if not chunk:
                    return
                left -= len(chunk)
                yield chunk
        finally:
            file.close()


class StreamBody:
    """An async iterable. One that is its own iterator (a generator) can be read only once."""

    size_bytes = None

    def __init__(self, content: AsyncIterable[bytes]) -> None:
        self._content = content
        self._read_once = isinstance(content, AsyncIterator)
        self._opened = False

    @property
    def replayable(self) -> bool:
        return not (self._read_once and self._opened)

    async def chunks(self) -> AsyncIterator[bytes]:
        self._opened = True
        async for chunk in self._content:
            yield chunk
