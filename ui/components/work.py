"""Tasks, questions and agents as pages show them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from nicegui.element import Element

from agentops.wire import (
    Agent,
    AgentStatus,
    Gate,
    GateAnswer,
    GateKind,
    GateStatus,
    Priority,
    Task,
    TaskStatus,
)
from ui import markup, strings
from ui.components.elements import Moment, el, icon, markdown, on_click, on_submit
from ui.components.frame import Frame
from ui.components.task_lines import LOUD, MARKS
from ui.lines import result_text


def task_address(task: Task) -> str:
    """The page of a task, by the number that people use."""
    return f"/tasks/{task.number}"


def status_mark(status: TaskStatus) -> Element:
    """A task's status in a word and a mark."""
    with el("span", f"status status-{status.value.replace('_', '-')}") as node:
        icon(MARKS[status])
        el("span", text=strings.STATUS[status])
    return node


def priority_mark(priority: Priority) -> None:
    """Only what is above the ordinary is worth a word."""
    if priority in LOUD:
        el("span", f"priority priority-{priority.value}", strings.PRIORITY[priority])


def task_title(task: Task, classes: str = "task-title") -> None:
    """The number and the title, linked to the task's page."""
    with el("a", classes, href=task_address(task)):
        el("span", "number", f"{task.number}")
        el("span", text=task.title)


def progress_bar(task: Task) -> None:
    """How far a running task is; a moving bar when its worker does not say."""
    value = None if task.progress is None else round(task.progress, 3)
    label = f"{strings.TASK} {task.number}"
    el("progress", "progress", max=1, value=value, aria_label=label)


def running_task(task: Task) -> None:
    """One task that is being worked on."""
    with el("div", "entry-head"):
        task_title(task)
        priority_mark(task.priority)
    progress_bar(task)
    with el("p", "entry-foot"):
        if task.progress is not None:
            el("span", "figure", f"{task.progress:.0%}")
        note = strings.CANCELLING if task.cancel_requested else task.progress_note
        el("span", "entry-note", note or task.assigned_to or "")
        if task.started_at:
            Moment(task.started_at, "since")


@dataclass(frozen=True)
class AgentAtWork:
    """An agent and the numbers of the tasks that it works on."""

    agent: Agent
    numbers: tuple[int, ...]


def at_work(agent: Agent, running: Sequence[Task]) -> AgentAtWork:
    """Name an agent's tasks as people do."""
    return AgentAtWork(agent, tuple(task.number for task in running if task.id in agent.current_tasks))


def agent_row(shown: AgentAtWork) -> None:
    """One agent: whether it lives and what it does."""
    online = shown.agent.status is AgentStatus.ONLINE
    el("span", "pulse pulse-on" if online else "pulse", aria_hidden="true")
    with el("div", "agent"):
        el("span", "agent-name", shown.agent.name)
        with el("span", "quiet"):
            if not online:
                el("span", text=f"{strings.OFFLINE}, ")
                Moment(shown.agent.last_seen_at)
            elif shown.numbers:
                el("span", text=f"{strings.WORKS_ON} {', '.join(map(str, shown.numbers))}")
            else:
                el("span", text=f"{strings.ONLINE}, {strings.IDLE}")


class GateCard:
    """A question to the person with the means to answer it.

    Args:
        frame: of the tab.
        gate: an open question or approval, or one of the past.
        task: named above the question; None on the task's own page.
    """

    def __init__(self, frame: Frame, gate: Gate, task: Task | None = None) -> None:
        self._frame = frame
        self._gate = gate
        with el("article", "gate" if gate.status is GateStatus.OPEN else "gate gate-closed"):
            self._draw_head(task)
            markdown(gate.question, classes="gate-question")
            if gate.status is GateStatus.OPEN:
                self._draw_controls()
            else:
                el("p", "gate-answer", self._outcome())

    def _draw_head(self, task: Task | None) -> None:
        kind = strings.APPROVAL if self._gate.kind is GateKind.APPROVAL else strings.QUESTION
        with el("div", "gate-head"):
            el("span", "gate-kind", kind)
            if task:
                task_title(task)
            Moment(self._gate.created_at)

    def _draw_controls(self) -> None:
        choices = [(option, option) for option in self._gate.options]
        if not choices and self._gate.kind is GateKind.APPROVAL:
            choices = [(strings.APPROVE, "yes"), (strings.DECLINE, "no")]
        if choices:
            with el("div", "choices"):
                for label, answer in choices:
                    style = "button button-main" if label == strings.APPROVE else "button"
                    on_click(el("button", style, label, type="button"), self._answering(answer))
        if self._gate.kind is GateKind.QUESTION:
            self._draw_form()

    def _draw_form(self) -> None:
        with on_submit(el("form", "answer-form"), "answer", self._answer):
            el(
                "textarea",
                "field",
                name="answer",
                rows=1,
                required=True,
                maxlength=10_000,
                aria_label=f"{strings.YOUR_ANSWER}: {self._gate.question[:200]}",
                placeholder=strings.YOUR_ANSWER,
            )
            el(
                "button",
                "button" if self._gate.options else "button button-main",
                strings.ANSWER,
                type="submit",
            )

    def _answering(self, answer: str) -> Callable[[], Awaitable[None]]:
        return lambda: self._answer(answer)

    async def _answer(self, answer: str) -> None:
        if answer.strip():
            body = GateAnswer(answer=answer.strip())
            await self._frame.act(lambda ops: ops.answer_gate(self._gate.id, body), strings.ANSWER_SENT)

    def _outcome(self) -> str:
        if self._gate.status is GateStatus.EXPIRED:
            return strings.EXPIRED
        return strings.ANSWERED.format(answer=self._gate.answer or "")


def result_line(task: Task) -> str:
    """What a task said last, in one line: its result, its question, or why it failed."""
    return markup.to_line(result_text(task))


_PARTS = (
    TaskStatus.COMPLETED,
    TaskStatus.IN_PROGRESS,
    TaskStatus.BLOCKED,
    TaskStatus.FAILED,
    TaskStatus.PENDING,
)


def counts_bar(counts: Mapping[str, int]) -> None:
    """Tasks by status as one bar, with the numbers in words below; nothing for no tasks."""
    shown = [(status, counts.get(status, 0)) for status in _PARTS if counts.get(status)]
    if not shown:
        return
    with el("div", "counts-bar", aria_hidden="true"):
        for status, n in shown:
            el("span", f"counts-part counts-{status.value.replace('_', '-')}", style=f"flex-grow:{n}")
    with el("p", "counts"):
        for status, n in shown:
            el("span", f"counts-word word-{status.value}", f"{n:,} {strings.COUNTED[status]}")
