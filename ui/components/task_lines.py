"""Tasks as rows of a list or as cards of a board: one element, told only of what differs."""

from collections.abc import Sequence
from typing import Any

import msgspec
from nicegui.element import Element

from agentops.wire import Priority, TaskStatus
from ui import strings
from ui.lines import Line

MARKS = {
    TaskStatus.PENDING: "dot",
    TaskStatus.IN_PROGRESS: "run",
    TaskStatus.BLOCKED: "ask",
    TaskStatus.COMPLETED: "check",
    TaskStatus.FAILED: "alert",
    TaskStatus.CANCELLED: "close",
}
LOUD = (Priority.HIGH, Priority.CRITICAL)
"""Only what is above the ordinary is worth a word."""
_WORDS = {
    "task": strings.TASK,
    "status": {status.value: strings.STATUS[status] for status in TaskStatus},
    "marks": {status.value: mark for status, mark in MARKS.items()},
    "priority": {priority.value: strings.PRIORITY[priority] for priority in LOUD},
}


class TaskLines(Element, component="task_lines.js"):
    """A list of tasks, each of them a link.

    Args:
        lines: what it shows when the page is opened.
        cards: as cards of a board.
    """

    def __init__(self, lines: Sequence[Line] = (), *, cards: bool = False) -> None:
        super().__init__()
        self.props["cards"] = cards
        self.props["words"] = _WORDS
        self.props["first"] = [_wire(line) for line in lines]
        self._shown = {line.number: line for line in lines}

    def show(self, lines: Sequence[Line]) -> None:
        """Show these from now on."""
        wanted = {line.number: line for line in lines}
        changed = [_wire(line) for number, line in wanted.items() if self._shown.get(number) != line]
        if changed or list(wanted) != list(self._shown):
            self._shown = wanted
            self.run_method("show", list(wanted), changed)


def _wire(line: Line) -> Any:
    return msgspec.to_builtins(line)
