"""Projects: what tasks are grouped by."""

from agentops.calls.base import Calls
from agentops.requests import path_of
from agentops.wire import NewProject, Page, Project, ProjectId, ProjectPatch


class ProjectCalls(Calls):
    """`/projects`."""

    async def create_project(self, project: NewProject, *, idempotency_key: str | None = None) -> Project:
        """Create a project."""
        return await self._transport.post("/projects", Project, project, key=idempotency_key)

    async def list_projects(self) -> list[Project]:
        """All projects."""
        return await self._all("/projects", Page[Project])

    async def get_project(self, project_id: ProjectId) -> Project:
        """One project.

        Raises:
            ProjectNotFound: There is none with this id.
        """
        return await self._transport.get(path_of("projects", project_id), Project)

    async def update_project(
        self, project_id: ProjectId, patch: ProjectPatch, *, idempotency_key: str | None = None
    ) -> Project:
        """Change what `patch` sets.

        Raises:
            VersionConflict: `patch.version` is not the present one.
        """
        return await self._transport.patch(
            path_of("projects", project_id), Project, patch, key=idempotency_key
        )

    async def delete_project(self, project_id: ProjectId, *, idempotency_key: str | None = None) -> None:
        """Delete a project."""
        await self._transport.delete(path_of("projects", project_id), key=idempotency_key)
