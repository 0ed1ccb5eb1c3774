"""A tar archive (POSIX ustar) as a stream in both directions; members of unknown length come in pieces."""

import tarfile
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable

from ops.errors import BackupUnusable

BLOCK = tarfile.BLOCKSIZE
PIECE_BYTES = 8 << 20
_READ_BYTES = 1 << 20


class ArchiveWriter:
    """Writes members one behind the other."""

    def __init__(self, write: Callable[[bytes], Awaitable[None]]):
        """Writes nothing yet.

        Args:
            write: Takes the archive's bytes.
        """
        self._write = write

    async def add(self, name: str, content: bytes) -> None:
        """A member that is at hand."""
        await self._begin(name, len(content))
        await self._write(content)
        await self._pad(len(content))

    async def copy(self, name: str, size: int, chunks: AsyncIterable[bytes]) -> None:
        """A member of known size.

        Raises:
            BackupUnusable: there was more or less of it.
        """
        await self._begin(name, size)
        written = 0
        async for chunk in chunks:
            written += len(chunk)
            if written <= size:
                await self._write(chunk)
        if written != size:
            raise BackupUnusable(f"{name} has {written:,} bytes where {size:,} were announced.")
        await self._pad(size)

    async def split(self, name: str, chunks: AsyncIterable[bytes]) -> int:
        """A member of any length, as `name/00000`, `name/00001`, …; how long it was, in bytes."""
        held, number, total = bytearray(), 0, 0
        async for chunk in chunks:
            held += chunk
            total += len(chunk)
            while len(held) >= PIECE_BYTES:
                await self.add(f"{name}/{number:05}", bytes(held[:PIECE_BYTES]))
                del held[:PIECE_BYTES]
                number += 1
        await self.add(f"{name}/{number:05}", bytes(held))
        return total

    async def close(self) -> None:
        """The archive's end."""
        await self._write(bytes(2 * BLOCK))

    async def _begin(self, name: str, size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size = size
        info.mode = 0o600
        await self._write(info.tobuf(tarfile.USTAR_FORMAT))

    async def _pad(self, size: int) -> None:
        await self._write(bytes(-size % BLOCK))


class Member:
    """One member; read it before the next."""

    def __init__(self, name: str, size: int, source: "_Source"):
        self.name = name
        self.size = size
        self._source = source
        self._left = size

    async def chunks(self) -> AsyncIterator[bytes]:
        """What is left of it."""
        while self._left:
            chunk = await self._source.some(min(self._left, _READ_BYTES))
            self._left -= len(chunk)
            yield chunk

    async def read(self) -> bytes:
        """All of it at once."""
        return b"".join([chunk async for chunk in self.chunks()])

    async def finish(self) -> None:
        """Pass over what was not read."""
        async for _ in self.chunks():
            pass
        await self._source.exactly(-self.size % BLOCK)


async def members(content: AsyncIterable[bytes]) -> AsyncIterator[Member]:
    """Every member of an archive, in order.

    Raises:
        BackupUnusable: that is no archive, or it ends too soon.
    """
    source = _Source(content)
    while True:
        head = await source.exactly(BLOCK)
        if head == bytes(BLOCK):
            return
        try:
            info = tarfile.TarInfo.frombuf(head, "utf-8", "strict")
        except tarfile.HeaderError as error:
            raise BackupUnusable(f"The archive inside the backup is damaged: {error}") from error
        member = Member(info.name, info.size, source)
        yield member
        await member.finish()


class _Source:
    def __init__(self, content: AsyncIterable[bytes]):
        self._chunks = aiter(content)
        self._held = b""

    async def some(self, most: int) -> bytes:
        """At least one byte, at most so many."""
        while not self._held:
            try:
                self._held = await anext(self._chunks)
            except StopAsyncIteration:
                raise BackupUnusable("The archive inside the backup ends too soon.") from None
        taken, self._held = self._held[:most], self._held[most:]
        return taken

    async def exactly(self, size: int) -> bytes:
        taken = b""
        while len(taken) < size:
            taken += await self.some(size - len(taken))
        return taken
