"""What outlives an attempt: the conversation with the model and the files, kept as a record of the task.

A task that was blocked, handed back or parted is taken up where it stopped, by whichever worker claims it:
the conversation ends with the call that could not be answered then, and that call is made again.
"""

import asyncio
import io
import tarfile
from pathlib import Path
from typing import Any

import msgspec
import structlog

from agentops import AgentOpsError
from agentops.wire import Artifact
from agentops.worker import Job

log = structlog.get_logger(__name__)

NAME = "memory.tar.gz"
_MEDIA_TYPE = "application/gzip"
_HEAD = "memory.json"
_FILES = "files/"
MOST_BYTES = 32 << 20
"""Of the workspace's files together; what is beyond is not kept."""
_MOST_HEAD_BYTES = 16 << 20
_MOST_MEMBERS = 5_000


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What an attempt leaves to the next."""

    messages: list[Any] = []
    """As Strands has them; empty: begin anew."""
    results: dict[str, Any] = {}
    """Of those calls in the last message that had ended, by their ids."""
    steps: list[str] = []
    """The plan."""
    steps_done: int = 0
    model_calls: int = 0
    tokens: int = 0
    lessons: str = ""
    """What failed attempts have learnt."""
    left_behind: list[str] = []
    """Files of the workspace that were too large to keep."""


async def recall(job: Job, workspace: Path) -> Memory:
    """The newest memory of the task, its files put back; an empty one if there is none that can be read."""
    kept = [
        one for one in await job.ops.list_artifacts(job.task.id) if (one.kind, one.name) == ("record", NAME)
    ]
    if not kept:
        return Memory()
    newest = max(kept, key=lambda one: one.created_at)
    try:
        return await _unpacked(job, newest, workspace)
    except (msgspec.MsgspecError, tarfile.TarError, OSError, ValueError, KeyError) as error:
        log.warning("memory.unreadable", artifact_id=newest.id, error=repr(error))
        return Memory()


async def keep(job: Job, memory: Memory, workspace: Path) -> None:
    """Stores a memory and the workspace's files under the claim. A ledger that is away costs only this."""
    content = await asyncio.to_thread(_packed, memory, workspace)
    try:
        await job.ops.upload(
            NAME, content, media_type=_MEDIA_TYPE, task_id=job.task.id, epoch=job.epoch, kind="record"
        )
    except AgentOpsError as error:
        log.warning("memory.lost", task_id=job.task.id, code=error.code)


def _packed(memory: Memory, workspace: Path) -> bytes:
    room, left = MOST_BYTES, list(memory.left_behind)
    chosen: list[Path] = []
    for path in sorted(workspace.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        size = path.stat().st_size
        if size > room or len(chosen) >= _MOST_MEMBERS - 1:
            left.append(path.relative_to(workspace).as_posix())
            continue
        room -= size
        chosen.append(path)
    head = msgspec.json.encode(msgspec.structs.replace(memory, left_behind=left))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=3) as archive:
        entry = tarfile.TarInfo(_HEAD)
        entry.size = len(head)
        archive.addfile(entry, io.BytesIO(head))
        for path in chosen:
            archive.add(path, _FILES + path.relative_to(workspace).as_posix(), recursive=False)
    return buffer.getvalue()


async def _unpacked(job: Job, artifact: Artifact, workspace: Path) -> Memory:
    content = await job.ops.download(artifact.id)
    return await asyncio.to_thread(_put_back, content, workspace)


def _put_back(content: bytes, workspace: Path) -> Memory:
    """Takes regular files only, below the workspace, and no more than were kept.

    Raises:
        ValueError: It holds more than any memory does.
    """
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        first = archive.next()
        if first is None or first.name != _HEAD or first.size > _MOST_HEAD_BYTES:
            raise ValueError("no memory")
        head = archive.extractfile(first)
        memory = msgspec.json.decode(head.read() if head else b"", type=Memory)
        room = MOST_BYTES
        for count, member in enumerate(archive):
            room -= member.size
            if room < 0 or count > _MOST_MEMBERS:
                raise ValueError("more files than any memory holds")
            if member.isreg() and member.name.startswith(_FILES):
                member.name = member.name.removeprefix(_FILES)
                archive.extract(member, workspace, filter="data")
    return memory
