"""/projects."""

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from agentops.wire import NewProject, Page, Project, ProjectPatch
from ledger.caller import Caller
from ledger.errors import ProjectNotFound
from ledger.http.idempotency import answer
from ledger.http.services import HttpRequest, Services
from ledger.ids import known
from ledger.tasks import projects


def _id(project_id: str) -> str:
    return known(project_id, ProjectNotFound, "project")


@post("/")
async def create_project(
    request: HttpRequest,
    data: JSONBody[NewProject],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Project]:
    """Make a project."""
    return await answer(request, services, caller, lambda: projects.create_project(caller, data), status=201)


@get("/")
async def list_projects(services: NamedDependency[Services]) -> Page[Project]:
    """Every project, by name."""
    return Page(items=await projects.list_projects(services.db))


@get("/{project_id:str}")
async def get_project(services: NamedDependency[Services], project_id: FromPath[str]) -> Project:
    """One project."""
    return await projects.get_project(services.db, _id(project_id))


@patch("/{project_id:str}")
async def update_project(
    request: HttpRequest,
    data: JSONBody[ProjectPatch],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    project_id: FromPath[str],
) -> Response[Project]:
    """Change what the body names."""
    return await answer(
        request, services, caller, lambda: projects.update_project(caller, _id(project_id), data)
    )


@delete("/{project_id:str}")
async def delete_project(
    caller: NamedDependency[Caller], services: NamedDependency[Services], project_id: FromPath[str]
) -> None:
    """Delete a project; its tasks stay."""
    await projects.delete_project(caller, _id(project_id))
    services.wake.announce(caller.announced)


ROUTER = Router(
    "/projects",
    route_handlers=[create_project, list_projects, get_project, update_project, delete_project],
    tags=["projects"],
)
