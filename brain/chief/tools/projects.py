"""Projects: what tasks are grouped by."""

from typing import Any

from strands import ToolContext, tool

from agentops.wire import NewProject
from brain.chief import reading
from brain.chief.approvals import ask_by_gate
from brain.chief.arguments import project_named
from brain.chief.tools.base import Desk, owners_only, told, work_of
from brain.rows import Outcome


class ProjectTools:
    """Creating and deleting projects."""

    def __init__(self, desk: Desk) -> None:
        self._ops = desk.ops

    def all(self) -> list[Any]:
        """As `Agent(tools=…)` takes them."""
        return [self.create_project, self.delete_project]

    @tool(context=True)
    async def create_project(
        self, tool_context: ToolContext, name: str, description: str = ""
    ) -> dict[str, Any]:
        """Create a project, which groups tasks. Returns its row.

        Args:
            name: Short; what the person calls it.
            description: What it is for.
        """
        new = NewProject(name=name, description=description)
        key = work_of(tool_context).call_name("create_project")

        async def create() -> Outcome:
            project = await self._ops.create_project(new, idempotency_key=key)
            return Outcome(done="project.created", project=reading.project_row(project))

        return await told(tool_context, create)

    @tool(context=True)
    async def delete_project(self, tool_context: ToolContext, name: str) -> dict[str, Any]:
        """Delete a project for good. It is put before the owner, who decides by a button.

        Args:
            name: The project's name.
        """
        work = work_of(tool_context)
        key = work.call_name("delete_project")

        async def delete() -> Outcome:
            owners_only(work, "delete a project")
            project = await project_named(self._ops, name)
            if not work.approved:
                count = sum(project.task_counts.values())
                question = f"Delete the project “{project.name}” with its {count} tasks for good?"
                return await ask_by_gate(self._ops, tool_context, question, key=key)
            await self._ops.delete_project(project.id, idempotency_key=key)
            return Outcome(done="project.deleted", project=reading.project_row(project))

        return await told(tool_context, delete)
