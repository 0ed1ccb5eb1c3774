"""What lies in the ledger beside this task: other tasks and their files; parts handed on to other workers."""

from typing import Any

from strands import tool

from agentops import AgentOpsError, TaskNotFound
from agentops.wire import Artifact, ArtifactId, NewTask, Task, TaskStatus
from brain.seed.agent.desk import Desk, ToolRefused
from brain.seed.agent.inputs import fetch, safe_name

_MOST_PARTS = 20
_MOST_FOUND = 20
_LARGEST_FILE = 50_000_000
_ENDED = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})


class LedgerTools:
    """`find_tasks`, `look_at_task`, `take_file`, `hand_on`, `wait_for_parts`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ops = desk.job.ops

    def all(self) -> list[Any]:
        """As Strands takes them."""
        return [self.find_tasks, self.look_at_task, self.take_file, self.hand_on, self.wait_for_parts]

    @tool
    async def find_tasks(self, words: str) -> str:
        """Find tasks of the past by words in their titles and descriptions.

        Args:
            words: Such as `sales report`; `"a phrase"`, `or` and `-without` work.
        """
        page = await self._ops.list_tasks(q=words, limit=_MOST_FOUND)
        return "\n".join(_line(task) for task in page.items) or "No task has these words."

    @tool
    async def look_at_task(self, number: int) -> str:
        """Show another task: what was wanted, what came out, which files it has.

        Args:
            number: The task's.
        """
        task = await self._found(number)
        files = await self._files(task)
        lines = [_line(task), task.description[:2_000]]
        lines += [f"- {one.name} ({one.kind}, {one.media_type}, {one.size_bytes} bytes)" for one in files]
        return "\n".join(line for line in lines if line)

    @tool
    async def take_file(self, number: int, name: str) -> str:
        """Copy a file of another task into your workspace. Returns its path.

        Args:
            number: The task's.
            name: The file's, as `look_at_task` shows it.
        """
        files = [one for one in await self._files(await self._found(number)) if one.name == name]
        if not files:
            raise ToolRefused(f"Task {number} has no file {name}; `look_at_task` shows its files.")
        newest = max(files, key=lambda one: one.created_at)
        if newest.size_bytes > _LARGEST_FILE:
            raise ToolRefused(f"{name} has {newest.size_bytes:,} bytes, which is too large to take.")
        relative = f"from-{number}/{safe_name(name)}"
        await fetch(self._desk.job, newest, self._desk.workspace / relative)
        return relative

    @tool
    async def hand_on(
        self,
        title: str,
        description: str,
        acceptance_criteria: list[str] | None = None,
        capability: str = "",
        after: list[int] | None = None,
        files: list[str] | None = None,
    ) -> str:
        """Hand a part of your task on to another worker, to be done at the same time. Returns its number.

        Args:
            title: Short, begins with a verb.
            description: Everything that the other worker needs to know; it sees nothing of your task.
            acceptance_criteria: How to see that the part is done.
            capability: Of the specialist who shall do it; empty: any worker.
            after: Numbers of parts that have to be done before.
            files: Names of files that came with your task and that the part needs.
        """
        made = await self._parts()
        if len(made) >= _MOST_PARTS:
            raise ToolRefused(f"A task has at most {_MOST_PARTS} parts.")
        numbers = {part.number: part.id for part in made}
        unknown = [number for number in after or [] if number not in numbers]
        if unknown:
            raise ToolRefused(f"after: {unknown} are no parts of your task.")
        part = NewTask(
            title=title[:200],
            description=description,
            acceptance_criteria=acceptance_criteria or [],
            priority=self._desk.job.task.priority,
            project_id=self._desk.job.task.project_id,
            capabilities=[capability] if capability else [],
            depends_on=[numbers[number] for number in after or []],
            attachments=self._attachments(files or []),
        )
        task = await self._split_off(part)
        return f"Task {task.number} waits for a worker. Go on, or call `wait_for_parts`."

    @tool
    async def wait_for_parts(self) -> str:
        """Wait until all parts that you handed on have ended, and hear what came of them."""
        parts = await self._parts()
        if not parts:
            raise ToolRefused("You have handed nothing on.")
        running = [part.id for part in parts if part.status not in _ENDED]
        if running:
            self._desk.note(f"Waits for {len(running)} of {len(parts)} parts")
            self._desk.job.wait_for(running)
        return "\n\n".join([await self._outcome(part) for part in parts])

    async def _split_off(self, part: NewTask) -> Task:
        try:
            return await self._desk.job.split_off(part)
        except AgentOpsError as error:
            raise ToolRefused(f"The ledger refused this part: {error.detail}") from error

    async def _parts(self) -> list[Task]:
        page = await self._ops.list_tasks(parent_id=self._desk.job.task.id, limit=200)
        return sorted(page.items, key=lambda part: part.number)

    async def _outcome(self, part: Task) -> str:
        files = [one.name for one in await self._ops.list_artifacts(part.id) if one.kind == "output"]
        lines = [_line(part), part.error or ""]
        if files:
            lines.append(f"Files (get them with `take_file`): {', '.join(files)}")
        return "\n".join(line for line in lines if line)

    async def _found(self, number: int) -> Task:
        try:
            return await self._ops.find_task(number)
        except TaskNotFound:
            raise ToolRefused(f"There is no task {number}.") from None

    async def _files(self, task: Task) -> list[Artifact]:
        return [one for one in await self._ops.list_artifacts(task.id) if one.kind != "record"]

    def _attachments(self, names: list[str]) -> list[ArtifactId]:
        inputs = {safe_name(one.name): one.id for one in self._desk.job.inputs}
        wanted = [name.rsplit("/", 1)[-1] for name in names]
        missing = [name for name in wanted if name not in inputs]
        if missing:
            raise ToolRefused(f"files: {', '.join(missing)} did not come with your task.")
        return [inputs[name] for name in wanted]


def _line(task: Task) -> str:
    summary = (task.result or {}).get("summary") or ""
    return f"Task {task.number} ({task.status.value}): {task.title}" + (f" — {summary}" if summary else "")
