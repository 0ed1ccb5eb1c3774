"""Looking into the ledger."""

import asyncio
from typing import Any, Literal

from strands import ToolContext, tool

from agentops.wire import Priority, TaskStatus
from brain.chief import reading, references
from brain.chief.arguments import due_at, project_named
from brain.chief.errors import ToolRefused
from brain.chief.tools.base import Desk, PriorityName, StatusName, told, work_of
from brain.rows import Outcome, TaskRow

_OPEN = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED)
_LOOKED_THROUGH = 200


class QueryTools:
    """Questions about tasks, projects and workers."""

    def __init__(self, desk: Desk) -> None:
        self._ops = desk.ops

    def all(self) -> list[Any]:
        """As `Agent(tools=…)` takes them."""
        return [self.query_tasks, self.find_task, self.get_agent_status, self.brief]

    @tool(context=True)
    async def query_tasks(
        self,
        tool_context: ToolContext,
        view: Literal["overview", "list", "task", "projects"] = "list",
        number: int | None = None,
        status: list[StatusName] | None = None,
        project: str | None = None,
        priority: PriorityName | None = None,
        text: str | None = None,
        limit: int = 20,
        due_before: str | None = None,
    ) -> dict[str, Any]:
        """Look into the ledger.

        Args:
            view: "overview" says what is going on: counts, what runs, what waits for the person, what came
                back. "list" gives tasks, newest first. "task" gives one in full. "projects" lists projects.
            number: The task's number, for "task".
            status: Only these, for "list".
            project: Only this project's, by name, for "list".
            priority: Only these, for "list".
            text: Words in title or description, for "list".
            limit: How many at most, 1 to 100, for "list".
            due_before: Only those that are due by this ISO 8601 date or time, for "list".
        """
        work = work_of(tool_context)

        async def listed() -> Outcome:
            rows, more = await reading.tasks(
                self._ops,
                status=[TaskStatus(one) for one in status or ()],
                project=await project_named(self._ops, project) if project else None,
                priority=Priority(priority) if priority else None,
                text=text,
                limit=max(1, min(limit, 100)),
                due_before=due_at(due_before, work.clock()) if due_before else None,
            )
            return Outcome(tasks=rows, more=more)

        async def look() -> Outcome:
            if view == "overview":
                return Outcome(overview=await reading.overview(self._ops, work.clock()))
            if view == "projects":
                return Outcome(projects=[reading.project_row(p) for p in await self._ops.list_projects()])
            if number is not None:
                return Outcome(task=await reading.one_task(self._ops, number))
            if view == "task":
                raise ToolRefused("number_missing", "Give the number of the task.")
            return await listed()

        return await told(tool_context, look)

    @tool(context=True)
    async def find_task(self, tool_context: ToolContext, words: str) -> dict[str, Any]:
        """Find out which task the person means. One task, or several to choose from.

        Args:
            words: As the person said it: "the second one", "that", "the Berlin thing".
        """
        work = work_of(tool_context)

        async def find() -> Outcome:
            meant = references.by_place(words, work.notes.shown)
            if not meant.numbers:
                named = [(one.number, one.name) for one in work.notes.shown if one.number is not None]
                meant = references.by_name(words, named)
            if not meant.numbers:
                meant = references.by_name(words, await self._open_ones())
            rows = await self._rows(meant.numbers)
            if not rows:
                detail = f"No task fits “{words}”. Ask which one is meant, or list the tasks."
                raise ToolRefused("task_not_found", detail)
            return Outcome(task=rows[0]) if len(rows) == 1 else Outcome(tasks=rows)

        return await told(tool_context, find)

    @tool(context=True)
    async def get_agent_status(self, tool_context: ToolContext) -> dict[str, Any]:
        """Which workers there are, whether they are online, and which tasks they work on."""

        async def look() -> Outcome:
            return Outcome(agents=await reading.agents(self._ops))

        return await told(tool_context, look)

    @tool(context=True)
    async def brief(self, tool_context: ToolContext) -> dict[str, Any]:
        """The day's brief: what is late, what is due today, what waits for the person, what came back."""
        work = work_of(tool_context)

        async def look() -> Outcome:
            return Outcome(overview=await reading.brief(self._ops, work.clock()))

        return await told(tool_context, look)

    async def _open_ones(self) -> list[tuple[int, str]]:
        page = await self._ops.list_tasks(status=_OPEN, limit=_LOOKED_THROUGH)
        return [(task.number, task.title) for task in page.items]

    async def _rows(self, numbers: tuple[int, ...]) -> list[TaskRow]:
        found = await asyncio.gather(*(self._ops.find_task(number) for number in numbers[:5]))
        return [reading.task_row(task) for task in found]
