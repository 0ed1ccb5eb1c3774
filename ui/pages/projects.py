"""`/projects`: all projects, and how far each is."""

import asyncio

from nicegui import ui
from starlette.requests import Request

from agentops.wire import NewProject, Project
from ui import markup, strings
from ui.components.elements import KeyedList, el
from ui.components.forms import Values, area, field, on_form, submit
from ui.components.frame import Frame
from ui.components.work import counts_bar
from ui.panel import Panel
from ui.reading import Reading, of_types
from ui.strings import projects as words

LOAD_S = 2.0
MAX_PROJECTS = 500


def register(panel: Panel) -> None:
    """Declare the page."""
    known = Reading(panel.ops.list_projects, of_types("project.*", "task.*"), panel.following, pause_s=0.5)

    @ui.page("/projects", title=strings.titled(strings.PROJECTS))
    async def projects(request: Request) -> None:
        await asyncio.gather(known.fresh(LOAD_S), panel.board.fresh(LOAD_S))
        ProjectsPage(Frame(panel, request, strings.PROJECTS, "/projects"), known)


class ProjectsPage:
    """One tab's list of projects."""

    def __init__(self, frame: Frame, known: Reading[list[Project]]) -> None:
        self._frame = frame
        with el("div", "page page-narrow"):
            self._draw()
        frame.follow(known, self._show)

    def _draw(self) -> None:
        with el("header", "page-head"):
            el("h1", text=strings.PROJECTS)
        self._projects = KeyedList[Project](
            el("ul", "entries"), key=lambda project: project.id, draw=_draw_project, classes="entry"
        )
        with el("div", "empty") as self._empty:
            el("p", text=words.NONE)
            el("p", "quiet", words.NONE_HOW)
        with el("details", "fold") as self._new:
            el("summary", "", words.NEW)
            with on_form(el("form", "form"), self._create):
                field(words.NAME, "name", required=True)
                area(words.DESCRIPTION, "description")
                submit(words.CREATE, main=True)

    def _show(self, projects: list[Project]) -> None:
        self._projects.show(sorted(projects, key=_urgency)[:MAX_PROJECTS])
        self._empty.set_visibility(not projects)

    async def _create(self, values: Values) -> None:
        project = NewProject(name=values.get("name", ""), description=values.get("description", ""))
        if await self._frame.act(lambda ops: ops.create_project(project), words.CREATED):
            self._new.run_method("removeAttribute", "open")


def _urgency(project: Project) -> tuple[bool, bool, float]:
    """What waits for the person first, then what is unfinished, the newest of each first."""
    counts = project.task_counts
    unfinished = sum(counts.get(status, 0) for status in ("pending", "in_progress", "blocked"))
    return not counts.get("blocked"), not unfinished, -project.created_at.timestamp()


def _draw_project(project: Project) -> None:
    with el("div", "entry-head"):
        el("a", "task-title", project.name, href=f"/projects/{project.id}")
        with el("span", "entry-state"):
            el("span", "quiet", done_of(project))
    if project.description:
        el("p", "entry-result", markup.to_line(project.description)[:300])
    counts_bar(project.task_counts)


def done_of(project: Project) -> str:
    """How far a project is, in words."""
    counts = project.task_counts
    total = sum(counts.values()) - counts.get("cancelled", 0)
    if not total:
        return words.EMPTY_PROJECT
    return words.OF_DONE.format(done=f"{counts.get('completed', 0):,}", all=f"{total:,}")
