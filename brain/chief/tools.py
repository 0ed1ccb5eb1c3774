"""The chief's hands: five tools, each of which answers with rows of the ledger.

A tool never raises into the agent: what the ledger refuses comes back as an `Outcome` with an error, so
that the model can tell it.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Literal

import msgspec
import structlog
from msgspec import UNSET, UnsetType
from strands import ToolContext, tool

from agentops import AgentOpsClient, AgentOpsError, IdempotencyMismatch
from agentops.wire import (
    Cancel,
    GateAnswer,
    GateStatus,
    NewProject,
    NewTask,
    Priority,
    Project,
    Retry,
    Task,
    TaskPatch,
    TaskStatus,
)
from brain.chief import reading
from brain.chief.arguments import artifact_ids, due_at, project_named
from brain.chief.errors import ToolRefused
from brain.chief.work import TurnWork
from brain.rows import Outcome, ToolError

PriorityName = Literal["low", "medium", "high", "critical"]
StatusName = Literal["pending", "in_progress", "blocked", "completed", "failed", "cancelled"]

log = structlog.get_logger(__name__)


class LedgerTools:
    """The tools over one ledger client. The turn's `TurnWork` comes with each call's invocation state."""

    def __init__(self, ops: AgentOpsClient, clock: Callable[[], datetime]) -> None:
        """`clock` gives the person's local time, with its zone."""
        self._ops = ops
        self._clock = clock

    def all(self) -> list[Any]:
        """As `Agent(tools=…)` takes them."""
        return [
            self.create_project,
            self.create_task,
            self.query_tasks,
            self.update_task,
            self.get_agent_status,
        ]

    @tool(context=True)
    async def create_project(
        self, tool_context: ToolContext, name: str, description: str = ""
    ) -> dict[str, Any]:
        """Create a project, which groups tasks. Returns its row.

        Args:
            name: Short; what the person calls it.
            description: What it is for.
        """
        work = _work(tool_context)
        new = NewProject(name=name, description=description)
        key = work.call_name("create_project")

        async def create() -> Outcome:
            project = await self._ops.create_project(new, idempotency_key=key)
            return Outcome(done="project.created", project=reading.project_row(project))

        return await _told(work, create)

    @tool(context=True)
    async def create_task(
        self,
        tool_context: ToolContext,
        title: str,
        description: str = "",
        priority: PriorityName = "medium",
        project: str | None = None,
        due: str | None = None,
        attachments: list[str] | None = None,
        acceptance_criteria: list[str] | None = None,
    ) -> dict[str, Any]:
        """Create a task for a worker. Returns its row, with its number.

        Args:
            title: Short, begins with a verb, at most 200 characters.
            description: Everything the worker needs to know.
            priority: How soon it is to be done.
            project: Name of an existing project.
            due: ISO 8601 date or time by which it is to be done.
            attachments: artifact_id of each file that the task is about.
            acceptance_criteria: How to see that it is done.
        """
        work = _work(tool_context)

        async def create() -> Outcome:
            into = await project_named(self._ops, project) if project else None
            due_by = due_at(due, self._clock()) if due else None
            # Named only now: a call refused above writes nothing, and need not be refused when the turn
            # runs again (its project exists by then), so it may not use up a name.
            call = work.call_name("create_task")
            new = NewTask(
                title=title,
                description=description,
                priority=Priority(priority),
                project_id=into.id if into else None,
                due_at=due_by,
                attachments=artifact_ids(attachments or [], work.files),
                acceptance_criteria=acceptance_criteria or [],
                origin=work.session_id,
                context={"turn_id": work.turn_id, "call": call},
            )
            return _row_of("task.created", await self._created_once(new, call), into)

        return await _told(work, create)

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
        """

        async def listed() -> Outcome:
            rows, more = await reading.tasks(
                self._ops,
                status=[TaskStatus(one) for one in status or ()],
                project=await project_named(self._ops, project) if project else None,
                priority=Priority(priority) if priority else None,
                text=text,
                limit=max(1, min(limit, 100)),
            )
            return Outcome(tasks=rows, more=more)

        async def look() -> Outcome:
            if view == "overview":
                return Outcome(overview=await reading.overview(self._ops, self._clock()))
            if view == "projects":
                return Outcome(projects=[reading.project_row(p) for p in await self._ops.list_projects()])
            if number is not None:
                return Outcome(task=await reading.one_task(self._ops, number))
            if view == "task":
                raise ToolRefused("number_missing", "Give the number of the task.")
            return await listed()

        return await _told(_work(tool_context), look)

    @tool(context=True)
    async def update_task(
        self,
        tool_context: ToolContext,
        number: int,
        action: Literal["change", "cancel", "retry", "answer"] = "change",
        title: str | None = None,
        description: str | None = None,
        priority: PriorityName | None = None,
        due: str | None = None,
        project: str | None = None,
        answer: str | None = None,
    ) -> dict[str, Any]:
        """Change a task. Returns its row afterwards.

        Args:
            number: The task's number.
            action: "change" sets the fields that are given. "cancel" ends the task for good. "retry" queues a
                failed one again. "answer" answers the question of a blocked one.
            title: New title, for "change".
            description: New description, for "change".
            priority: New priority, for "change".
            due: New due date in ISO 8601, "" for none, for "change".
            project: Name of the project to put it into, for "change".
            answer: The person's answer in the person's words, for "answer".
        """
        work = _work(tool_context)
        key = work.call_name("update_task")

        async def update() -> Outcome:
            task = await self._ops.find_task(number)
            if action == "cancel":
                cancel = Cancel(reason="The person asked for it.")
                return _row_of("task.cancelled", await self._ops.cancel(task.id, cancel, idempotency_key=key))
            if action == "retry":
                return _row_of("task.retried", await self._ops.retry(task.id, Retry(), idempotency_key=key))
            if action == "answer":
                return await self._answer(task, answer, key)
            into = await project_named(self._ops, project) if project else None
            patch = self._patch(title, description, priority, due, into)
            return _row_of("task.updated", await self._ops.update_task(task.id, patch), into)

        return await _told(work, update)

    @tool(context=True)
    async def get_agent_status(self, tool_context: ToolContext) -> dict[str, Any]:
        """Which workers there are, whether they are online, and which tasks they work on."""

        async def look() -> Outcome:
            return Outcome(agents=await reading.agents(self._ops))

        return await _told(_work(tool_context), look)

    async def _created_once(self, new: NewTask, call: str) -> Task:
        """Create; or, when a killed turn runs again and words it differently, what it created before."""
        try:
            return await self._ops.create_task(new, idempotency_key=call)
        except IdempotencyMismatch:
            page = await self._ops.list_tasks(origin=new.origin, limit=50)
            made = next((task for task in page.items if task.context.get("call") == call), None)
            if made is None:
                raise
            log.info("task.found_again", task_id=made.id)
            return made

    async def _answer(self, task: Task, answer: str | None, key: str) -> Outcome:
        if not answer or not answer.strip():
            raise ToolRefused("answer_missing", "Give the person's answer.")
        gates = await self._ops.list_gates(status=GateStatus.OPEN, task_id=task.id)
        if not gates:
            raise ToolRefused("no_open_question", f"Task {task.number} has no open question.")
        given = GateAnswer(answer=answer.strip(), by="the person")
        await self._ops.answer_gate(gates[0].id, given, idempotency_key=key)
        return _row_of("gate.answered", await self._ops.get_task(task.id))

    def _patch(
        self,
        title: str | None,
        description: str | None,
        priority: PriorityName | None,
        due: str | None,
        project: Project | None,
    ) -> TaskPatch:
        until: datetime | UnsetType | None = UNSET
        if due is not None:
            until = due_at(due, self._clock()) if due else None
        patch = TaskPatch(
            title=title or UNSET,
            description=UNSET if description is None else description,
            priority=Priority(priority) if priority else UNSET,
            due_at=until,
            project_id=project.id if project else UNSET,
        )
        if not msgspec.to_builtins(patch):
            raise ToolRefused(
                "nothing_to_change", "Say what to change: title, priority, due date or project."
            )
        return patch


def _work(tool_context: ToolContext) -> TurnWork:
    work = tool_context.invocation_state["work"]
    assert isinstance(work, TurnWork)  # noqa: S101 - our own agent's caller puts it there
    return work


def _row_of(done: str, task: Task, project: Project | None = None) -> Outcome:
    names = {project.id: project.name} if project else None
    return Outcome(done=done, task=reading.task_row(task, projects=names))


async def _told(work: TurnWork, act: Callable[[], Awaitable[Outcome]]) -> dict[str, Any]:
    """Run a tool and tell its outcome, good or bad, as Strands wants it."""
    try:
        outcome = await act()
    except (AgentOpsError, ToolRefused) as refused:
        log.info("tool.refused", code=refused.code)
        outcome = Outcome(error=ToolError(code=refused.code, detail=refused.detail or str(refused)))
    except ExceptionGroup as group:
        first = next((e for e in group.exceptions if isinstance(e, AgentOpsError)), None)
        if first is None:
            raise
        outcome = Outcome(error=ToolError(code=first.code, detail=first.detail or str(first)))
    work.saw(outcome)
    return {"status": "error" if outcome.error else "success", "content": [{"json": outcome.to_json()}]}
