"""Reading the ledger for a conversation: rows cut to what a model or a person wants to know."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from agentops import AgentOpsClient
from agentops.errors import NotFound
from agentops.wire import (
    Agent,
    Gate,
    GateStatus,
    Priority,
    Project,
    ProjectId,
    Task,
    TaskId,
    TaskSort,
    TaskStatus,
)
from brain.rows import AgentRow, Overview, ProjectRow, TaskRow

RECENT = timedelta(hours=24)
_SHOWN = 5
_MAX_TEXT_CHARS = 2_000


async def overview(ops: AgentOpsClient, now: datetime) -> Overview:
    """Everything for "what is going on?", asked for at once."""
    async with asyncio.TaskGroup() as group:
        stats = group.create_task(ops.stats())
        running = group.create_task(ops.list_tasks(status=[TaskStatus.IN_PROGRESS], limit=20))
        blocked = group.create_task(ops.list_tasks(status=[TaskStatus.BLOCKED], limit=20))
        pending = group.create_task(ops.list_tasks(status=[TaskStatus.PENDING], limit=50))
        completed = group.create_task(ops.list_tasks(status=[TaskStatus.COMPLETED], limit=50))
        failed = group.create_task(ops.list_tasks(status=[TaskStatus.FAILED], limit=50))
        gates = group.create_task(ops.list_gates(status=GateStatus.OPEN))
        paused = group.create_task(_paused(ops))
    asked = gates.result()
    return Overview(
        counts={status: count for status, count in stats.result().tasks.items() if count},
        agents_online=stats.result().agents_online,
        running=[task_row(task) for task in running.result().items[:_SHOWN]],
        waiting_for_person=[task_row(task, gates=asked) for task in blocked.result().items[:_SHOWN]],
        next_up=[task_row(task) for task in sorted(pending.result().items, key=_claim_order)[:3]],
        recently_completed=[task_row(task) for task in _latest(completed.result().items, now)],
        recently_failed=[task_row(task) for task in _latest(failed.result().items, now)],
        paused=paused.result(),
    )


async def brief(ops: AgentOpsClient, now: datetime) -> Overview:
    """The overview, with what is late and what is due today by the clock of `now`."""
    tonight = now.replace(hour=23, minute=59, second=59, microsecond=0)
    open_ones = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED)
    async with asyncio.TaskGroup() as group:
        all_of_it = group.create_task(overview(ops, now))
        due = group.create_task(
            ops.list_tasks(status=open_ones, due_before=tonight, sort=TaskSort.DUE, limit=50)
        )
    dated = [(task.due_at, task) for task in due.result().items if task.due_at is not None]
    return msgspec.structs.replace(
        all_of_it.result(),
        overdue=[task_row(task) for at, task in dated if at < now][:_SHOWN],
        due_today=[task_row(task) for at, task in dated if at >= now][:_SHOWN],
    )


async def one_task(ops: AgentOpsClient, number: int) -> TaskRow:
    """One task with its question, its project's name and the files that came out.

    Raises:
        TaskNotFound: There is no task with this number.
    """
    task = await ops.find_task(number)
    gates = await ops.list_gates(status=GateStatus.OPEN, task_id=task.id)
    artifacts = await ops.list_artifacts(task.id)
    project = await ops.get_project(task.project_id) if task.project_id else None
    names = {project.id: project.name} if project else {}
    outputs = [artifact.name for artifact in artifacts if artifact.kind == "output"]
    return task_row(task, gates=gates, projects=names, artifacts=outputs, in_full=True)


async def tasks(
    ops: AgentOpsClient,
    *,
    status: Sequence[TaskStatus],
    project: Project | None,
    priority: Priority | None,
    text: str | None,
    limit: int,
    due_before: datetime | None = None,
) -> tuple[list[TaskRow], bool]:
    """Tasks, newest first, and whether there are more. Questions are there for blocked ones."""
    page = await ops.list_tasks(
        status=status,
        project_id=project.id if project else None,
        priority=priority,
        q=text,
        due_before=due_before,
        limit=limit,
    )
    asks = any(task.status == TaskStatus.BLOCKED for task in page.items)
    gates = await ops.list_gates(status=GateStatus.OPEN) if asks else []
    names = {project.id: project.name} if project else {}
    return [task_row(task, gates=gates, projects=names) for task in page.items], page.next is not None


async def agents(ops: AgentOpsClient) -> list[AgentRow]:
    """Who works, and on which tasks by number."""
    known = await ops.list_agents()
    wanted = {task_id for agent in known for task_id in agent.current_tasks}
    numbers: dict[TaskId, int] = {}
    if wanted:
        running = await ops.list_tasks(status=[TaskStatus.IN_PROGRESS], limit=200)
        numbers = {task.id: task.number for task in running.items}
    return [agent_row(agent, numbers) for agent in known]


def task_row(
    task: Task,
    *,
    gates: Sequence[Gate] = (),
    projects: Mapping[ProjectId, str] | None = None,
    artifacts: Sequence[str] = (),
    in_full: bool = False,
) -> TaskRow:
    """A task as a conversation sees it."""
    gate = next((gate for gate in gates if gate.task_id == task.id), None)
    summary = (task.result or {}).get("summary")
    return TaskRow(
        number=task.number,
        id=task.id,
        title=task.title,
        status=task.status,
        priority=task.priority,
        project=(projects or {}).get(task.project_id) if task.project_id else None,
        description=_cut(task.description) if in_full and task.description else None,
        due_at=task.due_at,
        assigned_to=task.assigned_to,
        progress=task.progress,
        progress_note=task.progress_note,
        question=gate.question if gate else task.blocked_reason,
        options=gate.options if gate else [],
        error=_cut(task.error) if task.error else None,
        summary=_cut(summary) if isinstance(summary, str) else None,
        artifacts=list(artifacts),
        cancel_requested=task.cancel_requested,
        finished_at=task.finished_at,
    )


def project_row(project: Project) -> ProjectRow:
    """A project as a conversation sees it."""
    description = _cut(project.description) if project.description else None
    return ProjectRow(
        id=project.id, name=project.name, description=description, task_counts=project.task_counts
    )


def agent_row(agent: Agent, numbers: Mapping[TaskId, int]) -> AgentRow:
    """An agent as a conversation sees it."""
    return AgentRow(
        name=agent.name,
        status=agent.status,
        tasks=[numbers[task_id] for task_id in agent.current_tasks if task_id in numbers],
        capabilities=agent.capabilities,
        last_seen_at=agent.last_seen_at,
    )


async def _paused(ops: AgentOpsClient) -> bool:
    """A ledger that knows no such switch is not paused."""
    try:
        return (await ops.system()).paused
    except NotFound:
        return False


def _latest(found: Sequence[Task], now: datetime) -> list[Task]:
    recent = [task for task in found if task.finished_at and now - task.finished_at < RECENT]
    return sorted(recent, key=lambda task: task.finished_at or now, reverse=True)[:3]


def _claim_order(task: Task) -> tuple[int, datetime]:
    return (-list(Priority).index(task.priority), task.created_at)


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_TEXT_CHARS else text[: _MAX_TEXT_CHARS - 1] + "…"
