"""`/tasks`: all tasks, newest first, by status and by words."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments
from starlette.requests import Request

from agentops.errors import AgentOpsError
from agentops.wire import Event, Task, TaskStatus
from ui import strings
from ui.board import BoardModel
from ui.components.elements import KeyedList, Moment, el, icon, on_click
from ui.components.frame import Frame
from ui.components.work import priority_mark, progress_bar, result_line, status_mark, task_address
from ui.live import Refresher
from ui.panel import Panel

LOAD_S = 2.0
PAGE = 50
MAX_SHOWN = 200


@dataclass(frozen=True)
class Query:
    """What the list shows; also the page's address."""

    status: TaskStatus | None = None
    words: str = ""
    shown: int = PAGE

    @property
    def address(self) -> str:
        """The page with this choice, to keep or to send."""
        chosen = {"status": self.status.value if self.status else "", "q": self.words}
        return "/tasks?" + urlencode({name: value for name, value in chosen.items() if value})


def register(panel: Panel) -> None:
    """Declare the page."""

    @ui.page("/tasks", title=strings.titled(strings.TASKS))
    async def tasks(request: Request, status: str = "", q: str = "") -> None:
        known = status in {known.value for known in TaskStatus}
        query = Query(TaskStatus(status) if known else None, q[:200])
        await panel.board.fresh(LOAD_S)
        page = TaskList(Frame(panel, request, strings.TASKS, "/tasks"), query)
        await page.load()


class TaskList:
    """One tab's list."""

    def __init__(self, frame: Frame, query: Query) -> None:
        self._frame = frame
        self._panel = frame.panel
        self._query = query
        self._refresher = Refresher(self.load, self._panel.workers)
        with el("div", "page"):
            self._draw()
        frame.client.on_delete(self._panel.live.listen(self._heard))
        frame.on_change(self._show_counts)
        self._show_counts()

    async def load(self) -> None:
        """Load what the query asks for and show it."""
        query = self._query
        try:
            page = await self._panel.ops.list_tasks(
                status=(query.status,) if query.status else (), q=query.words or None, limit=query.shown
            )
        except AgentOpsError:
            self._frame.inside(lambda: self._frame.toast(strings.LEDGER_UNAVAILABLE, bad=True))()
            return
        if query == self._query:
            self._frame.inside(lambda: self._show(page.items, has_more=page.next is not None))()

    def _draw(self) -> None:
        with el("header", "page-head"):
            el("h1", text=strings.TASKS)
        with el("div", "toolbar"):
            self._draw_search()
            with el("div", "filters", role="group", aria_label=strings.FILTER):
                self._filters = {choice: self._draw_filter(choice) for choice in (None, *TaskStatus)}
        self._rows = KeyedList[Task](
            el("ul", "entries entries-tasks"),
            key=lambda task: task.id,
            draw=_draw_row,
            classes="entry entry-task",
        )
        self._empty = el("div", "empty")
        self._more = on_click(el("button", "button", strings.MORE, type="button"), self._show_more)
        self._more.set_visibility(False)

    def _draw_search(self) -> None:
        with el("label", "search"):
            icon("search")
            el("span", "sr-only", strings.SEARCH)
            field = el(
                "input",
                type="search",
                name="q",
                placeholder=strings.SEARCH,
                value=self._query.words,
                maxlength=200,
            )
            field.on("input", self._searched, js_handler="(event) => emit(event.target.value)", throttle=0.15)

    def _draw_filter(self, choice: TaskStatus | None) -> Element:
        with el("button", "filter", type="button") as button:
            el("span", text=strings.STATUS[choice] if choice else strings.ALL)
            el("span", "filter-count")
        on_click(button, lambda: self._choose(replace(self._query, status=choice, shown=PAGE)))
        return button

    def _searched(self, event: GenericEventArguments) -> None:
        self._choose(replace(self._query, words=str(event.args)[:200].strip(), shown=PAGE))

    def _choose(self, query: Query) -> None:
        self._query = query
        self._show_counts()
        ui.run_javascript(f"history.replaceState(null, '', {query.address!r})")
        self._refresher.poke()

    def _show_more(self) -> None:
        self._query = replace(self._query, shown=min(MAX_SHOWN, self._query.shown + PAGE))
        self._refresher.poke()

    def _show_counts(self) -> None:
        counts = _counts(self._panel.board)
        for choice, button in self._filters.items():
            button.props["aria-pressed"] = "true" if choice is self._query.status else "false"
            n = counts.get(choice.value, 0) if choice else sum(counts.values())
            _, count = button.default_slot.children
            count.clear()
            with count:
                el("span", text=f"{n:,}" if n else "")

    def _show(self, tasks: list[Task], *, has_more: bool) -> None:
        self._rows.show(tasks)
        self._more.set_visibility(has_more and self._query.shown < MAX_SHOWN)
        self._empty.set_visibility(not tasks)
        self._empty.clear()
        if not tasks:
            with self._empty:
                self._draw_empty()

    def _draw_empty(self) -> None:
        if self._query.status or self._query.words:
            el("p", text=strings.NO_MATCH)
            el("a", "button", strings.CLEAR_FILTER, href="/tasks")
        else:
            el("p", text=strings.NO_TASKS)
            el("p", "quiet", strings.NO_TASKS_HOW)
            el("a", "button button-main", strings.OPEN_TALK, href="/talk")

    def _heard(self, event: Event) -> None:
        if event.type.startswith("task."):
            self._refresher.poke()


def _counts(model: BoardModel) -> dict[str, int]:
    return model.board.stats.tasks if model.board else {}


def _draw_row(task: Task) -> None:
    with el("a", "task-row", href=task_address(task)):
        el("span", "number", f"{task.number}")
        with el("span", "task-row-main"):
            with el("span", "task-row-title"):
                el("span", text=task.title)
                priority_mark(task.priority)
            _draw_state_line(task)
        status_mark(task.status)
        Moment(task.finished_at or task.updated_at)


def _draw_state_line(task: Task) -> None:
    if task.status is TaskStatus.IN_PROGRESS:
        progress_bar(task)
    elif line := task.blocked_reason if task.status is TaskStatus.BLOCKED else result_line(task):
        el("span", "task-row-note", line[:300])
