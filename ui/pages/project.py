"""`/projects/{id}`: one project: how far it is, what waits for what, its tasks."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlencode

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agentops import AgentOpsClient
from agentops.errors import NotFound, ValidationFailed
from agentops.wire import Project, ProjectId, ProjectPatch, Task, TaskStatus
from ui import plain, strings
from ui.components import graph
from ui.components.elements import Part, el, icon, markdown
from ui.components.forms import Sure, Values, area, field, on_form, submit
from ui.components.frame import Frame, section
from ui.components.task_lines import TaskLines
from ui.components.work import counts_bar
from ui.lines import lines_of
from ui.pages.projects import done_of
from ui.panel import Panel
from ui.reading import Reading, Readings
from ui.strings import projects as words

LOAD_S = 2.0
MAX_TASKS = 200
MAX_LISTED = 25
MAX_DRAWN = 60

_UNFINISHED = {TaskStatus.PENDING, TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED}


@dataclass(frozen=True)
class ProjectView:
    """A project with its newest tasks; None when there is no such project (any more)."""

    project: Project | None
    tasks: tuple[Task, ...] = ()


async def load_project(ops: AgentOpsClient, project_id: ProjectId) -> ProjectView:
    """Read it from the ledger."""
    try:
        project = await ops.get_project(project_id)
    except (NotFound, ValidationFailed):
        return ProjectView(None)
    page = await ops.list_tasks(project_id=project_id, limit=MAX_TASKS)
    return ProjectView(project, tuple(page.items))


def drawn(tasks: tuple[Task, ...]) -> list[Task]:
    """The tasks of the graph: those that wait, are waited for, or both; unfinished ones before others."""
    known = {task.id for task in tasks}
    waited_for = {before for task in tasks for before in task.depends_on}
    joined = [task for task in tasks if task.id in waited_for or known.intersection(task.depends_on)]
    return sorted(joined, key=lambda task: (task.status not in _UNFINISHED, -task.number))[:MAX_DRAWN]


def register(panel: Panel) -> None:
    """Declare the page."""

    def reading(project_id: ProjectId) -> Reading[ProjectView]:
        return Reading(
            lambda: load_project(panel.ops, project_id),
            lambda event: event.project_id == project_id or event.entity_id == project_id,
            panel.following,
        )

    known = Readings(reading)

    @ui.page("/projects/{project_id}", title=strings.titled(strings.PROJECTS))
    async def project(request: Request, project_id: str) -> Response | None:
        shown = known.of(ProjectId(project_id))
        view, _ = await asyncio.gather(shown.fresh(LOAD_S), panel.board.fresh(LOAD_S))
        if view is not None and view.project is None:
            return plain.not_found(words.NOT_FOUND)
        title = view.project.name if view and view.project else strings.PROJECTS
        ProjectPage(Frame(panel, request, title, "/projects"), shown)
        return None


class ProjectPage:
    """One tab's view of a project."""

    def __init__(self, frame: Frame, shown: Reading[ProjectView]) -> None:
        self._frame = frame
        self._shown = shown
        with el("div", "page page-narrow"):
            self._draw()
        frame.follow(shown, self._show)

    @property
    def _view(self) -> ProjectView:
        return self._shown.value or ProjectView(None)

    def _draw(self) -> None:
        with el("header", "page-head"):
            with el("a", "back", href="/projects"):
                icon("back")
                el("span", text=strings.PROJECTS)
            self._head = Part(el("div"), self._draw_head)
        with el("div", "sheet"):
            with section(words.GRAPH):
                self._graph = Part(el("div"), self._draw_graph)
            with section(words.TASKS_NEWEST, aside=self._draw_all):
                self._tasks = TaskLines(lines_of(self._view.tasks[:MAX_LISTED]))
                self._none = el("p", "empty-line", strings.NO_TASKS)
            with el("details", "fold"):
                el("summary", "", words.EDIT)
                self._edit = Part(el("div"), self._draw_edit)
                Sure(
                    words.DELETE,
                    words.DELETE_SURE,
                    words.DELETE_YES,
                    self._delete,
                    classes="button button-bad",
                )

    def _draw_all(self) -> None:
        self._all = Part(el("div"), self._draw_link)

    def _show(self, view: ProjectView) -> None:
        project = view.project
        if project is None:
            self._frame.client.open("/projects")
            return
        self._head.show((project.name, project.description, tuple(project.task_counts.items())))
        self._graph.show(tuple((task.id, task.status, tuple(task.depends_on)) for task in drawn(view.tasks)))
        self._tasks.show(lines_of(view.tasks[:MAX_LISTED]))
        self._none.set_visibility(not view.tasks)
        self._all.show(sum(project.task_counts.values()))
        self._edit.show((project.name, project.description))

    def _draw_head(self) -> None:
        if project := self._view.project:
            el("h1", text=project.name)
            el("p", "lead", done_of(project))
            counts_bar(project.task_counts)
            if project.description:
                markdown(project.description, classes="page-about")

    def _draw_graph(self) -> None:
        tasks = drawn(self._view.tasks)
        if not tasks:
            el("p", "empty-line", words.NOTHING_WAITS)
            return
        graph.draw(tasks)
        if len(tasks) == MAX_DRAWN:
            el("p", "quiet", words.GRAPH_CUT.format(most=MAX_DRAWN))

    def _draw_link(self) -> None:
        if project := self._view.project:
            total = sum(project.task_counts.values())
            address = "/tasks?" + urlencode({"project": project.id})
            el("a", "section-link", words.ALL_TASKS.format(n=f"{total:,}"), href=address)

    def _draw_edit(self) -> None:
        project = self._view.project
        if project is None:
            return
        with on_form(el("form", "form"), self._save):
            field(words.NAME, "name", value=project.name, required=True)
            area(words.DESCRIPTION, "description", value=project.description)
            submit()

    # --- acting

    async def _save(self, values: Values) -> None:
        if project := self._view.project:
            patch = ProjectPatch(
                name=values.get("name", ""),
                description=values.get("description", ""),
                version=project.version,
            )
            await self._frame.act(lambda ops: ops.update_project(project.id, patch), strings.SAVED)

    async def _delete(self) -> None:
        if project := self._view.project:
            await self._frame.act(lambda ops: ops.delete_project(project.id))
