"""The task's files, in the workspace."""

import re
from functools import partial
from pathlib import Path, PurePosixPath

from agentops.wire import Artifact
from agentops.worker import Job, insist

FOLDER = "inputs"
_UNSAFE = re.compile(r"[^\w. +()-]+")
_LONGEST_NAME = 100


async def fetch_inputs(job: Job, workspace: Path) -> list[str]:
    """Brings the files that the task came with, unless they are there; their paths in the workspace.

    Raises:
        AgentOpsError: The ledger does not give one.
    """
    taken: set[str] = set()
    paths = []
    for artifact in job.inputs:
        name = _unique(safe_name(artifact.name), taken)
        path = workspace / FOLDER / name
        if not path.exists():
            await fetch(job, artifact, path)
        paths.append(f"{FOLDER}/{name}")
    return paths


async def fetch(job: Job, artifact: Artifact, path: Path) -> None:
    """Writes an artifact's content into a file.

    Raises:
        AgentOpsError: The ledger does not give it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    await insist(partial(_stream, job, artifact, path))


async def _stream(job: Job, artifact: Artifact, path: Path) -> None:
    async with job.ops.stream(artifact.id) as pieces:
        with path.open("wb") as file:
            async for piece in pieces:
                file.write(piece)


def safe_name(name: str) -> str:
    """A name of a person's file as it may stand on disk: no folder, nothing hidden, nothing odd."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return _UNSAFE.sub("_", last).lstrip(".")[-_LONGEST_NAME:] or "file"


def _unique(name: str, taken: set[str]) -> str:
    stem, dot, ending = name.rpartition(".")
    found, number = name, 2
    while found in taken:
        found, number = f"{stem}-{number}.{ending}" if dot else f"{name}-{number}", number + 1
    taken.add(found)
    return found
