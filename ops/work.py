"""What the command line does with tasks, beyond one call of the SDK."""

import asyncio
import mimetypes
from pathlib import Path

import msgspec

from agentops import AgentOpsClient
from agentops.wire import Artifact, ArtifactId, Attempt, ProjectId, Task, TaskId
from ops.errors import NotFoundHere


class Shown(msgspec.Struct, frozen=True):
    """A task with what belongs to it."""

    task: Task
    attempts: list[Attempt]
    artifacts: list[Artifact]


async def task_called(ledger: AgentOpsClient, word: str) -> Task:
    """By number, with or without `#`, or by id.

    Raises:
        TaskNotFound: there is none.
    """
    bare = word.strip().removeprefix("#")
    return await (ledger.find_task(int(bare)) if bare.isdecimal() else ledger.get_task(TaskId(bare)))


async def project_called(ledger: AgentOpsClient, name: str) -> ProjectId:
    """The project with this name, whatever its capitals.

    Raises:
        NotFoundHere: none, with the names that there are.
    """
    projects = await ledger.list_projects()
    for project in projects:
        if project.name.casefold() == name.strip().casefold():
            return project.id
    there = ", ".join(project.name for project in projects) or "none yet"
    raise NotFoundHere(f"There is no project {name!r}. Projects: {there}.")


async def upload(ledger: AgentOpsClient, file: Path) -> ArtifactId:
    """Store a file as a task's input, streamed."""
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return (await ledger.upload(file.name, file, media_type=media_type)).id


async def save_outputs(ledger: AgentOpsClient, task: Task, folder: Path) -> list[Path]:
    """Save what the task made, under names that the file system takes and that replace nothing."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    outputs = [one for one in await ledger.list_artifacts(task.id) if one.kind == "output"]
    saved = []
    for artifact in outputs:
        path = _free(folder, artifact.name)
        with path.open("xb") as file:
            async with ledger.stream(artifact.id) as pieces:
                async for piece in pieces:
                    await asyncio.to_thread(file.write, piece)
        saved.append(path)
    return saved


def _free(folder: Path, name: str) -> Path:
    """A path in `folder` and nowhere else: the name is a worker's."""
    bare = Path(name.replace("\\", "/").replace("\0", "")).name.lstrip(".") or "file"
    path, number = folder / bare, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(bare).stem} ({number}){Path(bare).suffix}"
    return path
