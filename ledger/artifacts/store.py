"""Bytes in a folder or in an object store, streamed both ways: no artifact is ever whole in memory."""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

from ledger.errors import ArtifactNotFound, TooLarge
from ledger.ids import is_uuid

CHUNK_BYTES = 256 * 1024
LISTED = 1_000


@dataclass(frozen=True, slots=True)
class Stored:
    """What was written."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that lie in the store under an artifact's id, whether or not there is such an artifact."""

    artifact_id: str
    stored_at: datetime


class ArtifactStore:
    """Keeps bytes under the artifact's id."""

    def __init__(self, url: str, *, max_bytes: int) -> None:
        self._store = _open(url)
        self._max_bytes = max_bytes

    @property
    def max_bytes(self) -> int:
        """The largest artifact."""
        return self._max_bytes

    async def save(self, artifact_id: str, chunks: AsyncIterable[bytes]) -> Stored:
        """Writes a stream; what fails or grows too large leaves nothing behind.

        Raises:
            TooLarge: it has more than `max_bytes`.
        """
        reading = _Reading(chunks, self._max_bytes)
        try:
            await obstore.put_async(
                self._store, _path(artifact_id), reading.checked(), chunk_size=CHUNK_BYTES * 20
            )
        except BaseException as error:
            await self.delete(artifact_id)
            if reading.failure is not None:
                # Through the store's own error, the caller would not see what was wrong.
                raise reading.failure from error
            raise
        return Stored(reading.size, reading.digest.hexdigest())

    async def stream(self, artifact_id: str) -> AsyncIterator[bytes]:
        """Opens an artifact for reading.

        Raises:
            ArtifactNotFound: its bytes are not in the store.
        """
        try:
            found = await obstore.get_async(self._store, _path(artifact_id))
        except FileNotFoundError as error:
            raise ArtifactNotFound(f"the bytes of artifact {artifact_id} are gone from the store") from error
        return _bytes(found.stream(min_chunk_size=CHUNK_BYTES))

    async def listing(self) -> AsyncIterator[list[Kept]]:
        """Everything that lies in the store, in batches; what is not named as ours is left out."""
        async for batch in obstore.list(self._store, chunk_size=LISTED):
            found = [(one["path"].rpartition("/")[2], one) for one in batch]
            yield [
                Kept(name, one["last_modified"])
                for name, one in found
                if is_uuid(name) and one["path"] == _path(name)
            ]

    async def delete(self, artifact_id: str) -> None:
        """Removes the bytes if they are there."""
        with suppress(FileNotFoundError):
            await obstore.delete_async(self._store, _path(artifact_id))


class _Reading:
    """Counts and hashes what goes by."""

    def __init__(self, chunks: AsyncIterable[bytes], max_bytes: int) -> None:
        self._chunks = chunks
        self._max_bytes = max_bytes
        self.size = 0
        self.digest = hashlib.sha256()
        self.failure: BaseException | None = None

    def _count(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self._max_bytes:
            raise TooLarge(f"an artifact may have {self._max_bytes:,} bytes")
        self.digest.update(chunk)

    async def checked(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._chunks:
                self._count(chunk)
                if chunk:
                    yield chunk
        except BaseException as error:
            self.failure = error
            raise


async def _bytes(stream: AsyncIterable[object]) -> AsyncIterator[bytes]:
    async for chunk in stream:
        yield bytes(chunk)  # type: ignore[call-overload]


def _path(artifact_id: str) -> str:
    return f"{artifact_id[:2]}/{artifact_id}"


def _open(url: str) -> ObjectStore:
    if url.startswith("file://"):
        return LocalStore(Path(unquote(urlsplit(url).path)), mkdir=True, automatic_cleanup=False)
    return from_url(url)
