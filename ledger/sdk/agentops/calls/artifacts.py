"""Artifacts: files given to tasks and made by them."""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from agentops.calls.base import Calls
from agentops.requests import path_of
from agentops.uploads import body_of
from agentops.wire import Artifact, ArtifactId, Page, TaskId

DEFAULT_MAX_BYTES = 100 * 1024 * 1024


class ArtifactCalls(Calls):
    """`/artifacts`."""

    async def upload(
        self,
        name: str,
        content: bytes | AsyncIterable[bytes] | Path,
        *,
        media_type: str,
        task_id: TaskId | None = None,
        epoch: int | None = None,
        kind: str = "input",
        idempotency_key: str | None = None,
    ) -> Artifact:
        """Store a file, streamed.

        Args:
            name: As the person should see it.
            content: Bytes, a file, or pieces. A generator can be read only once, so that its upload
                is not tried again when the connection breaks in the middle.
            media_type: Such as `text/csv`.
            task_id: The task that it belongs to.
            epoch: Of the worker's claim; needed for an output or a record.
            kind: `input` (given by the person), `output` (made by a worker) or `record` (what a worker keeps
                of its work, which is no result).
            idempotency_key: Yours, to repeat the upload safely after a crash; else one is made.

        Raises:
            TooLarge: The ledger takes no file of this size.
            StaleClaim: `epoch` is not that of the present lease.
            OSError: The file cannot be read.
        """
        return await self._transport.upload(
            "/artifacts",
            Artifact,
            await body_of(content),
            media_type=media_type,
            params={"name": name, "task_id": task_id, "epoch": epoch, "kind": kind},
            key=idempotency_key,
        )

    async def get_artifact(self, artifact_id: ArtifactId) -> Artifact:
        """What is known of a file, without its content.

        Raises:
            ArtifactNotFound: There is none with this id.
        """
        return await self._transport.get(path_of("artifacts", artifact_id), Artifact)

    async def list_artifacts(self, task_id: TaskId) -> list[Artifact]:
        """A task's inputs and outputs."""
        return await self._all("/artifacts", Page[Artifact], {"task_id": task_id})

    async def download(self, artifact_id: ArtifactId, *, max_bytes: int = DEFAULT_MAX_BYTES) -> bytes:
        """A file's content, in memory.

        Raises:
            ArtifactNotFound: There is none with this id.
            TooLarge: It has more than `max_bytes`; use `stream`.
        """
        path = path_of("artifacts", artifact_id, "content")
        return await self._transport.download(path, max_bytes=max_bytes)

    def stream(self, artifact_id: ArtifactId) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """A file's content, piece by piece: `async with ops.stream(id) as pieces: async for …`.

        Raises:
            ArtifactNotFound: There is none with this id.
            Unavailable: The connection broke, perhaps in the middle.
        """
        return self._transport.stream(path_of("artifacts", artifact_id, "content"))
