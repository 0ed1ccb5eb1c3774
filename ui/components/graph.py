"""A dependency graph: cards in columns, joined by lines; links that the keyboard reaches in reading order."""

from collections.abc import Sequence

from agentops.wire import Task, TaskId
from ui import layers
from ui.components.elements import el
from ui.components.work import status_mark, task_address
from ui.strings import projects as words

CARD_WIDTH, CARD_HEIGHT = 12.0, 4.25
GAP_WIDTH, GAP_HEIGHT = 2.5, 1.0
"""In rem."""


def draw(tasks: Sequence[Task]) -> None:
    """Draw what waits for what."""
    places = {
        place.node: place for place in layers.arrange({task.id: tuple(task.depends_on) for task in tasks})
    }
    known = {task.id: task for task in tasks}
    width = _left(max(place.column for place in places.values())) + CARD_WIDTH
    height = _top(max(place.row for place in places.values())) + CARD_HEIGHT
    with (
        el("div", "graph-scroll", tabindex=0, role="group", aria_label=words.GRAPH),
        el("div", "graph", style=f"width:{width}rem;height:{height}rem"),
    ):
        with el("svg", "graph-lines", viewBox=f"0 0 {width} {height}", aria_hidden="true"):
            for place in places.values():
                for before in known[place.node].depends_on:
                    if before in places:
                        _line(places[before], place)
        with el("ol"):
            for place in places.values():
                style = f"left:{_left(place.column)}rem;top:{_top(place.row)}rem"
                with el("li", "graph-place", style=style):
                    _card(known[place.node], known)


def _card(task: Task, known: dict[TaskId, Task]) -> None:
    status = task.status.value.replace("_", "-")
    with el("a", f"graph-card graph-{status}", href=task_address(task)):
        with el("span", "graph-title"):
            el("span", "number", f"{task.number}")
            el("span", text=task.title)
        status_mark(task.status)
        before = ", ".join(str(known[one].number) for one in task.depends_on if one in known)
        if before:
            el("span", "sr-only", f"{words.WAITS_FOR} {before}")


def _line(before: layers.Place[TaskId], after: layers.Place[TaskId]) -> None:
    x1, y1 = _left(before.column) + CARD_WIDTH, _top(before.row) + CARD_HEIGHT / 2
    x2, y2 = _left(after.column), _top(after.row) + CARD_HEIGHT / 2
    bend = max(GAP_WIDTH / 2, (x2 - x1) / 2)
    el("path", "graph-line", d=f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}")


def _left(column: int) -> float:
    return column * (CARD_WIDTH + GAP_WIDTH)


def _top(row: int) -> float:
    return row * (CARD_HEIGHT + GAP_HEIGHT)
