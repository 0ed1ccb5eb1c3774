"""`/tasks`: all tasks, by status, words, project and priority; as a list in pages or as a board."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments
from starlette.requests import Request

from agentops.wire import Priority, Project, TaskSort, TaskStatus
from ui import strings
from ui.components.elements import Part, el, icon, on_click
from ui.components.frame import Frame
from ui.components.task_lines import TaskLines
from ui.live import Stop
from ui.panel import Panel
from ui.queries import (
    COLUMNS,
    Columns,
    Listed,
    Query,
    load_columns,
    load_list,
    moved_columns,
    moved_list,
)
from ui.reading import Following, Reading, Readings, of_types

LOAD_S = 2.0
MAX_PROJECTS = 200


class TaskReadings:
    """Every list and board that some tab shows, and the projects to choose from."""

    def __init__(self, panel: Panel, following: Following) -> None:
        ops = panel.ops
        self.lists = Readings[Query, Listed](
            lambda query: Reading(
                lambda: load_list(ops, query),
                query.touched_by,
                following,
                apply=lambda listed, event: moved_list(listed, query, event),
            )
        )
        self.boards = Readings[Query, Columns](
            lambda query: Reading(
                lambda: load_columns(ops, query),
                query.touched_by,
                following,
                apply=lambda columns, event: moved_columns(columns, query, event),
            )
        )
        self.projects = Reading(ops.list_projects, of_types("project.*"), following)


def register(panel: Panel) -> None:
    """Declare the page."""
    readings = TaskReadings(panel, panel.following)

    @ui.page("/tasks", title=strings.titled(strings.TASKS))
    async def tasks(request: Request) -> None:
        query = Query.of(request.query_params)
        shown: Reading[Columns] | Reading[Listed]
        shown = readings.boards.of(query) if query.board else readings.lists.of(query)
        await asyncio.gather(shown.fresh(LOAD_S), readings.projects.fresh(LOAD_S), panel.board.fresh(LOAD_S))
        TasksPage(Frame(panel, request, strings.TASKS, "/tasks"), query, readings)


class TasksPage:
    """One tab's view of the tasks."""

    def __init__(self, frame: Frame, query: Query, readings: TaskReadings) -> None:
        self._frame = frame
        self._query = query
        self._readings = readings
        self._trail: list[str] = []
        """The cursors of the pages before this one."""
        self._stop: Stop = _nothing
        self._chosen = 0
        self._counted: dict[TaskStatus | None, TextElement] = {}
        with el("div", "page page-tasks"):
            self._draw()
        frame.client.on_delete(lambda: self._stop())
        frame.on_change(self._show_counts)
        frame.follow(readings.projects, self._show_projects)
        self._follow()
        self._show_choice()

    @property
    def _listed_now(self) -> Listed:
        return (None if self._query.board else self._readings.lists.of(self._query).value) or Listed(())

    @property
    def _columns_now(self) -> Sequence[tuple[TaskStatus, Listed]]:
        board = self._readings.boards.of(self._query).value if self._query.board else None
        return board.columns if board else [(status, Listed(())) for status in COLUMNS]

    # --- drawing

    def _draw(self) -> None:
        with el("header", "page-head page-head-acts"):
            el("h1", text=strings.TASKS)
            with el("nav", "filters", aria_label=strings.VIEW):
                self._as_list = el("a", "filter", strings.AS_LIST, href="/tasks")
                self._as_board = el("a", "filter", strings.AS_BOARD, href="/tasks?view=board")
        with el("div", "toolbar"):
            self._draw_search()
            self._draw_selects()
            with el("div", "filters", role="group", aria_label=strings.FILTER) as self._statuses:
                self._filters = {choice: self._draw_filter(choice) for choice in (None, *TaskStatus)}
        with el("div", "listed") as self._listed:
            self._rows = TaskLines(self._listed_now.lines)
            with el("nav", "pager choices", aria_label=strings.PAGES) as self._pager:
                self._newer = on_click(el("button", "button", strings.NEWER, type="button"), self._go_back)
                self._older = on_click(el("button", "button", strings.OLDER, type="button"), self._go_on)
        self._empty = el("div", "empty")
        self._emptiness = Part(self._empty, self._draw_empty)
        with el(
            "div", "board", data_board="", tabindex=0, role="group", aria_label=strings.AS_BOARD
        ) as self._board:
            self._columns = {status: Column(status, listed) for status, listed in self._columns_now}

    def _draw_search(self) -> None:
        with el("label", "search"):
            icon("search")
            el("span", "sr-only", strings.SEARCH)
            field = el(
                "input",
                type="search",
                name="q",
                placeholder=strings.SEARCH,
                defaultValue=self._query.words,
                maxlength=200,
                data_search="",
            )
            field.on("input", self._searched, js_handler="(event) => emit(event.target.value)", throttle=0.15)

    def _draw_selects(self) -> None:
        priorities = {"": strings.ANY_PRIORITY, **{one.value: strings.PRIORITY[one] for one in Priority}}
        self._project = self._draw_select(
            strings.PROJECT,
            {"": strings.ANY_PROJECT},
            "",
            lambda value: replace(self._query, project=value, cursor=""),
        )
        self._draw_select(
            strings.LABEL_PRIORITY,
            priorities,
            self._query.priority or "",
            lambda value: replace(self._query, priority=Priority(value) if value else None, cursor=""),
        )
        self._draw_select(
            strings.SORT,
            strings.SORTS,
            self._query.sort,
            lambda value: replace(self._query, sort=TaskSort(value), cursor=""),
        )

    def _draw_select(
        self, label: str, options: Mapping[str, str], value: str, chosen: Callable[[str], Query]
    ) -> Element:
        with el("label", "select"):
            el("span", "sr-only", label)
            with el("select", "field") as select:
                _draw_options(options, value)
        select.on(
            "change",
            lambda event: self._choose(chosen(str(event.args or ""))),
            js_handler="(event) => emit(event.target.value)",
        )
        return select

    def _draw_filter(self, choice: TaskStatus | None) -> Element:
        with el("button", "filter", type="button") as button:
            el("span", text=strings.STATUS[choice] if choice else strings.ALL)
            self._counted[choice] = el("span", "filter-count", "")
        on_click(button, lambda: self._choose(replace(self._query, status=choice, cursor="")))
        return button

    # --- choosing

    def _searched(self, event: GenericEventArguments) -> None:
        self._choose(replace(self._query, words=str(event.args)[:200].strip(), cursor=""))

    def _go_on(self) -> None:
        reading = self._readings.lists.of(self._query)
        if reading.value and reading.value.next:
            trail = [*self._trail, self._query.cursor]
            self._choose(replace(self._query, cursor=reading.value.next), trail)
            self._to_top()

    def _go_back(self) -> None:
        before = self._trail[-1] if self._trail else ""
        self._choose(replace(self._query, cursor=before), self._trail[:-1])
        self._to_top()

    def _to_top(self) -> None:
        ui.run_javascript("scrollTo(0, 0); document.querySelector('[data-rows] a')?.focus()")

    def _choose(self, query: Query, trail: list[str] | None = None) -> None:
        self._query = query
        self._trail = trail or []
        self._show_choice()
        ui.run_javascript(f"history.replaceState(null, '', {query.address!r})")
        self._follow()

    def _follow(self) -> None:
        """Watch what the query asks for instead of what was watched before."""
        self._chosen += 1
        chosen = self._chosen
        board = self._query.board

        def changed() -> None:
            if chosen == self._chosen:
                (self._show_board if board else self._show_list)()

        reading: Reading[Columns] | Reading[Listed]
        reading = self._readings.boards.of(self._query) if board else self._readings.lists.of(self._query)
        stop, self._stop = self._stop, reading.watch(self._frame.inside(changed))
        stop()
        if reading.value is None:
            reading.poke()
        else:
            changed()

    # --- showing

    def _show_choice(self) -> None:
        query = self._query
        self._listed.set_visibility(not query.board)
        self._board.set_visibility(query.board)
        self._statuses.set_visibility(not query.board)
        for link, board in ((self._as_list, False), (self._as_board, True)):
            link.props["href"] = replace(query, board=board, cursor="").address
            link.props["aria-current"] = "true" if query.board == board else None
        for choice, button in self._filters.items():
            button.props["aria-pressed"] = "true" if choice is query.status else "false"
        self._show_counts()

    def _show_counts(self) -> None:
        if self._query.board:
            return
        board = self._frame.panel.board.value
        counts = board.stats.tasks if board else {}
        for choice, counted in self._counted.items():
            n = counts.get(choice.value, 0) if choice else sum(counts.values())
            counted.text = f"{n:,}" if n else ""

    def _show_projects(self, projects: list[Project]) -> None:
        newest = sorted(projects, key=lambda project: project.created_at, reverse=True)[:MAX_PROJECTS]
        self._project.clear()
        with self._project:
            _draw_options(
                {"": strings.ANY_PROJECT, **{project.id: project.name for project in newest}},
                self._query.project,
            )

    def _show_list(self) -> None:
        listed = self._listed_now
        self._rows.show(listed.lines)
        self._newer.set_visibility(bool(self._query.cursor))
        self._older.set_visibility(listed.next is not None)
        self._show_empty(nothing=not listed.lines)

    def _show_board(self) -> None:
        columns = self._columns_now
        for status, listed in columns:
            address = replace(self._query, board=False, status=status).address
            self._columns[status].show(listed, address)
        self._show_empty(nothing=not any(listed.lines for _, listed in columns))

    def _show_empty(self, *, nothing: bool) -> None:
        self._empty.set_visibility(nothing)
        self._emptiness.show((nothing, self._query))

    def _draw_empty(self) -> None:
        if self._query.is_narrowed or self._query.cursor:
            el("p", text=strings.NO_MATCH)
            el("a", "button", strings.CLEAR_FILTER, href="/tasks")
        else:
            el("p", text=strings.NO_TASKS)
            el("p", "quiet", strings.NO_TASKS_HOW)
            el("a", "button button-main", strings.OPEN_TALK, href="/talk")


class Column:
    """The tasks of one status, as cards."""

    def __init__(self, status: TaskStatus, listed: Listed) -> None:
        title = strings.STATUS[status]
        self._address = ""
        with el("section", f"lane lane-{status.value.replace('_', '-')}", aria_label=title):
            with el("div", "section-head"):
                el("h2", text=title)
                self._all = el("a", "section-link", strings.ALL, href="/tasks")
            self._cards = TaskLines(listed.lines, cards=True)
            self._none = el("p", "empty-line", strings.NONE_HERE)

    def show(self, listed: Listed, address: str) -> None:
        """Show these; `address` is the list of all of them."""
        self._cards.show(listed.lines)
        self._none.set_visibility(not listed.lines)
        if self._address != address:
            self._address = self._all.props["href"] = address
        self._all.set_visibility(listed.next is not None)


def _draw_options(options: Mapping[str, str], value: str) -> None:
    for option, text in options.items():
        el("option", "", text, value=option, selected=True if option == value else None)


def _nothing() -> None:
    """Nothing is watched yet."""
