"""Storing what a skill made, once, however often it is tried."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

from agentops.wire import Artifact
from agentops.worker import Job, insist
from brain.seed.protocol import OutputFile


async def store(job: Job, outputs: Sequence[OutputFile], workspace: Path) -> list[Artifact]:
    """Stores files of a task that is held.

    Files that an earlier attempt stored and could not complete with are used again if they are equal.

    Raises:
        WorkLost: another holds the task; what was stored meanwhile belongs to no result.
    """
    before = await insist(lambda: job.ops.list_artifacts(job.task.id))
    return [await _stored(job, output, workspace, before) for output in outputs]


async def _stored(job: Job, output: OutputFile, workspace: Path, before: list[Artifact]) -> Artifact:
    path = workspace / output.path
    digest = await asyncio.to_thread(sha256_of, path)
    for artifact in before:
        if (artifact.kind, artifact.name, artifact.sha256) == ("output", output.name, digest):
            return artifact
    return await insist(
        lambda: job.ops.upload(
            output.name,
            path,
            media_type=output.media_type,
            task_id=job.task.id,
            epoch=job.epoch,
            kind="output",
            idempotency_key=f"seed:{job.task.id}:{job.epoch}:store:{digest[:32]}",
        )
    )


def sha256_of(path: Path) -> str:
    """Hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
