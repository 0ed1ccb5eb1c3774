"""Tasks as the person and the chief see them: create, find, change, cancel."""

from collections.abc import Sequence
from datetime import datetime

from agentops import errors
from agentops.calls.base import Calls, commas
from agentops.requests import path_of
from agentops.wire import (
    Attempt,
    Cancel,
    CreateBatch,
    NewTask,
    Page,
    Priority,
    ProjectId,
    Retry,
    SortOrder,
    Task,
    TaskId,
    TaskPatch,
    Tasks,
    TaskSort,
    TaskStatus,
)


class TaskCalls(Calls):
    """`/tasks`."""

    async def create_task(self, task: NewTask, *, idempotency_key: str | None = None) -> Task:
        """Create a task; it is pending and can be claimed at once, unless it must wait for others.

        Raises:
            ValidationFailed: A field is wrong, or names a project, task or artifact that is not there.
        """
        return await self._transport.post("/tasks", Task, task, key=idempotency_key)

    async def create_tasks(
        self, tasks: Sequence[NewTask], *, idempotency_key: str | None = None
    ) -> list[Task]:
        """Create up to 200 tasks in this order; all of them, or none.

        Raises:
            ValidationFailed: A field of one is wrong, or names what is not there.
        """
        body = CreateBatch(tasks=list(tasks))
        made = await self._transport.post("/tasks/create-batch", Tasks, body, key=idempotency_key)
        return made.tasks

    async def get_task(self, task_id: TaskId) -> Task:
        """One task.

        Raises:
            TaskNotFound: There is none with this id.
        """
        return await self._transport.get(path_of("tasks", task_id), Task)

    async def find_task(self, number: int) -> Task:
        """The task that people call "task 12".

        Raises:
            TaskNotFound: There is none with this number.
        """
        found = await self._transport.get("/tasks", Page[Task], params={"number": number})
        if not found.items:
            raise errors.TaskNotFound(f"There is no task {number}")
        return found.items[0]

    async def list_tasks(
        self,
        *,
        status: Sequence[TaskStatus] = (),
        project_id: ProjectId | None = None,
        priority: Priority | Sequence[Priority] | None = None,
        assigned_to: str | None = None,
        origin: str | None = None,
        parent_id: TaskId | None = None,
        updated_since: datetime | None = None,
        due_before: datetime | None = None,
        q: str | None = None,
        sort: TaskSort = TaskSort.CREATED,
        order: SortOrder | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Task]:
        """One page of tasks, newest first.

        Tasks that are made while you page neither repeat nor hide another. One that changes its place
        in the order meanwhile is found at its new place: to follow changes, sort by `UPDATED`, `ASC`.

        Args:
            status: Any of these; empty means all.
            project_id: Only this project's.
            priority: Only these.
            assigned_to: The name of the agent that holds them.
            origin: The session that asked for them.
            parent_id: Only the parts of this task.
            updated_since: Only those that changed at or after this time.
            due_before: Only those that are due before this time.
            q: Words to look for in title and description: words, `"a phrase"`, `or`, `-without`; the
                last word may be the beginning of one.
            sort: What they are ordered by.
            order: None: the next due first, else the newest or most urgent.
            limit: 1 to 200.
            cursor: The `next` of the page before.
        """
        return await self._transport.get(
            "/tasks",
            Page[Task],
            params={
                "status": commas(status),
                "project_id": project_id,
                "priority": commas([priority] if isinstance(priority, str) else priority or ()),
                "assigned_to": assigned_to,
                "origin": origin,
                "parent_id": parent_id,
                "updated_since": updated_since.isoformat() if updated_since else None,
                "due_before": due_before.isoformat() if due_before else None,
                "q": q or None,
                "sort": None if sort is TaskSort.CREATED else sort,
                "order": order,
                "limit": limit,
                "cursor": cursor,
            },
        )

    async def update_task(
        self, task_id: TaskId, patch: TaskPatch, *, idempotency_key: str | None = None
    ) -> Task:
        """Change what `patch` sets.

        Raises:
            VersionConflict: `patch.version` is not the present one.
            InvalidTransition: The task is finished.
        """
        return await self._transport.patch(path_of("tasks", task_id), Task, patch, key=idempotency_key)

    async def list_attempts(self, task_id: TaskId) -> list[Attempt]:
        """Every claim of a task and how it ended, oldest first."""
        return await self._all(path_of("tasks", task_id, "attempts"), Page[Attempt])

    async def cancel(
        self, task_id: TaskId, cancel: Cancel | None = None, *, idempotency_key: str | None = None
    ) -> Task:
        """Cancel a task; one that is being worked on is asked to stop (`cancel_requested`).

        The worker that holds it stops, then calls this with its epoch.

        Raises:
            InvalidTransition: The task is finished.
            StaleClaim: `cancel.epoch` is not that of the present lease.
        """
        path = path_of("tasks", task_id, "cancel")
        return await self._transport.post(path, Task, cancel or Cancel(), key=idempotency_key)

    async def retry(
        self, task_id: TaskId, retry: Retry | None = None, *, idempotency_key: str | None = None
    ) -> Task:
        """Make a failed task pending again, by hand, with its attempts counted anew.

        Raises:
            InvalidTransition: The task has not failed.
        """
        path = path_of("tasks", task_id, "retry")
        return await self._transport.post(path, Task, retry or Retry(), key=idempotency_key)
