"""`/tasks/{id}`: one task, by id or by number, with everything that happened to it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from nicegui import ui
from nicegui.element import Element
from starlette.requests import Request
from starlette.responses import Response

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError, NotFound, ValidationFailed
from agentops.wire import Artifact, Attempt, Cancel, Event, Gate, Retry, Task, TaskId, TaskStatus
from ui import files, plain, strings, wording
from ui.components import artifacts
from ui.components.artifacts import Preview
from ui.components.elements import KeyedList, Moment, Part, el, icon, markdown, on_click
from ui.components.frame import Frame, section
from ui.components.work import GateCard, priority_mark, progress_bar, status_mark
from ui.live import Refresher
from ui.panel import Panel

log = structlog.get_logger(__name__)

LOAD_S = 2.5
MAX_EVENTS = 200
MAX_ARTIFACTS = 30
TRANSCRIPT = "transcript"
"""How workers name the record of a run: `transcript-<its claim>.md`."""


@dataclass(frozen=True)
class Story:
    """A task and all that belongs to it, at one moment."""

    task: Task
    attempts: tuple[Attempt, ...]
    gates: tuple[Gate, ...]
    events: tuple[Event, ...]
    previews: tuple[Preview, ...]


def register(panel: Panel) -> None:
    """Declare the page."""

    @ui.page("/tasks/{task_id}", title=strings.titled(strings.TASK))
    async def task(request: Request, task_id: str) -> Response | None:
        try:
            async with asyncio.timeout(LOAD_S):
                found = await _find(panel.ops, task_id)
                story = await load_story(panel.ops, found.id, ())
                await panel.board.fresh(LOAD_S)
        except (NotFound, ValidationFailed):
            return plain.not_found(strings.TASK_NOT_FOUND)
        except (AgentOpsError, TimeoutError, ExceptionGroup):
            log.warning("task.unavailable", task_id=task_id)
            return plain.page(strings.TASK, f"<p>{strings.LEDGER_LOST}</p>", 503)
        TaskPage(Frame(panel, request, f"{strings.TASK} {found.number}", "/tasks"), story)
        return None


async def _find(ops: AgentOpsClient, name: str) -> Task:
    return await (
        ops.find_task(int(name)) if name.isdecimal() and len(name) < 10 else ops.get_task(TaskId(name))
    )


async def load_story(ops: AgentOpsClient, task_id: TaskId, known: Sequence[Preview]) -> Story:
    """Load a task with all that belongs to it; files that are `known` are not read again."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(ops.get_task(task_id))
        attempts = group.create_task(ops.list_attempts(task_id))
        gates = group.create_task(ops.list_gates(task_id=task_id))
        found = group.create_task(ops.list_artifacts(task_id))
        events = group.create_task(
            ops.list_events(after="0", types=tuple(strings.EVENTS), task_id=task_id, limit=MAX_EVENTS)
        )
    read = {preview.artifact.id: preview for preview in known}
    shown = found.result()[:MAX_ARTIFACTS]
    async with asyncio.TaskGroup() as group:
        loads = {
            artifact.id: group.create_task(artifacts.load_preview(ops, artifact))
            for artifact in shown
            if artifact.id not in read
        }
    read.update((artifact_id, load.result()) for artifact_id, load in loads.items())
    return Story(
        task=task.result(),
        attempts=tuple(attempts.result()),
        gates=tuple(gates.result()),
        events=tuple(events.result().events),
        previews=tuple(read[artifact.id] for artifact in shown),
    )


class TaskPage:
    """One tab's view of one task."""

    def __init__(self, frame: Frame, story: Story) -> None:
        self._frame = frame
        self._panel = frame.panel
        self._story = story
        self._refresher = Refresher(self._load, self._panel.workers)
        self._asks_cancel = False
        self._files: dict[str, tuple[Element, KeyedList[Preview]]] = {}
        with el("div", "page page-task"):
            self._draw()
        frame.client.on_delete(self._panel.live.listen(self._heard))
        self._show()

    def _heard(self, event: Event) -> None:
        if event.task_id == self._story.task.id:
            self._refresher.poke()

    async def _load(self) -> None:
        try:
            async with asyncio.timeout(LOAD_S):
                self._story = await load_story(self._panel.ops, self._story.task.id, self._story.previews)
        except (AgentOpsError, TimeoutError, ExceptionGroup):
            log.warning("task.stale", task_id=self._story.task.id)
            return
        self._frame.inside(self._show)()

    # --- drawing: the skeleton once, its parts whenever they differ

    def _draw(self) -> None:
        with el("header", "page-head"):
            with el("a", "back", href="/tasks"):
                icon("back")
                el("span", text=strings.TASKS)
            self._head = Part(el("div", "task-head"), self._draw_head)
        with el("div", "sheets"):
            with el("div", "sheet"):
                self._gates = KeyedList[Gate](
                    el("ul", "cards"), key=lambda gate: gate.id, draw=self._draw_gate
                )
                self._work = Part(el("div", "sheet"), self._draw_work)
                self._draw_files("output", strings.OUTPUTS)
                self._asked = Part(el("div", "sheet"), self._draw_asked)
                self._draw_files("input", strings.INPUTS)
                self._draw_files(TRANSCRIPT, strings.TRANSCRIPTS)
            with el("div", "sheet sheet-side"):
                self._facts = Part(el("div"), self._draw_facts)
                with section(strings.TIMELINE):
                    self._events = KeyedList[Event](
                        el("ol", "timeline"),
                        key=lambda event: event.cursor,
                        draw=_draw_event,
                        classes="timeline-row",
                    )
                with section(strings.ATTEMPTS) as self._attempts_section:
                    self._attempts = KeyedList[Attempt](
                        el("ol", "timeline"),
                        key=lambda attempt: attempt.epoch,
                        draw=_draw_attempt,
                        classes="timeline-row",
                    )

    def _draw_files(self, kind: str, title: str) -> None:
        with section(title) as part:
            rows = KeyedList[Preview](
                el("ul", "artifacts"), key=lambda preview: preview.artifact.id, draw=self._draw_file
            )
        self._files[kind] = (part, rows)

    def _show(self) -> None:
        story, task = self._story, self._story.task
        self._head.show((task.title, task.status, task.priority, task.cancel_requested, self._asks_cancel))
        self._gates.show(sorted(story.gates, key=lambda gate: (gate.status != "open", gate.created_at)))
        self._work.show((task.status, task.progress, task.progress_note, task.error, str(task.result)))
        self._asked.show((task.description, tuple(task.acceptance_criteria)))
        self._facts.show((task.status, task.assigned_to, task.attempt, task.started_at, task.finished_at))
        for kind, (part, rows) in self._files.items():
            shown = [preview for preview in story.previews if shelf_of(preview.artifact) == kind]
            part.set_visibility(bool(shown))
            rows.show(sorted(shown, key=lambda preview: preview.kind != "picture"))
        self._events.show(story.events)
        self._attempts_section.set_visibility(len(story.attempts) > 1)
        self._attempts.show(story.attempts)

    def _draw_gate(self, gate: Gate) -> None:
        GateCard(self._frame, gate)

    def _draw_head(self) -> None:
        task = self._story.task
        with el("p", "task-meta"):
            el("span", text=f"{strings.TASK} {task.number}")
            status_mark(task.status)
            priority_mark(task.priority)
        el("h1", text=task.title)
        with el("div", "choices task-actions"):
            self._draw_actions(task)

    def _draw_actions(self, task: Task) -> None:
        if task.status is TaskStatus.FAILED:
            on_click(el("button", "button button-main", strings.RETRY_TASK, type="button"), self._retry)
        if task.cancel_requested and task.status is TaskStatus.IN_PROGRESS:
            el("p", "quiet", strings.CANCELLING)
        elif task.status in {TaskStatus.PENDING, TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED}:
            self._draw_cancel()

    def _draw_cancel(self) -> None:
        if not self._asks_cancel:
            on_click(el("button", "button", strings.CANCEL_TASK, type="button"), self._ask_cancel)
            return
        el("span", "ask-sure", strings.CANCEL_SURE)
        on_click(el("button", "button button-bad", strings.CANCEL_YES, type="button"), self._cancel)
        on_click(el("button", "button", strings.CANCEL_NO, type="button"), self._ask_cancel)

    def _draw_work(self) -> None:
        task = self._story.task
        if task.status is TaskStatus.IN_PROGRESS:
            with section(strings.RUNNING_NOW):
                progress_bar(task)
                if task.progress_note:
                    el("p", "quiet", task.progress_note)
        if task.error and task.status is TaskStatus.FAILED:
            with section(strings.FAILED_BECAUSE, "section-bad"):
                el("p", "failure", task.error)
        if summary := wording.said_result(task.result):
            with section(strings.RESULT):
                markdown(summary)

    def _draw_asked(self) -> None:
        task = self._story.task
        if task.description:
            with section(strings.DESCRIPTION):
                markdown(task.description)
        if task.acceptance_criteria:
            with section(strings.CRITERIA), el("ul", "criteria"):
                for criterion in task.acceptance_criteria:
                    el("li", text=criterion)

    def _draw_facts(self) -> None:
        task = self._story.task
        with section(strings.DETAILS), el("dl", "facts"):
            _fact(strings.LABEL_PRIORITY, strings.PRIORITY[task.priority])
            if task.assigned_to:
                _fact(strings.AGENT, task.assigned_to)
            if task.attempt > 1:
                _fact(strings.ATTEMPT, f"{task.attempt} / {task.max_attempts}")
            _fact(strings.CREATED, task.created_at)
            for name, at in (
                (strings.STARTED, task.started_at),
                (strings.FINISHED, task.finished_at),
                (strings.DUE, task.due_at),
            ):
                if at:
                    _fact(name, at)

    def _draw_file(self, preview: Preview) -> None:
        if shelf_of(preview.artifact) == TRANSCRIPT:
            with el("details", "fold"):
                el("summary", text=strings.TRANSCRIPT_OF.format(attempt=_attempt_of(preview.artifact)))
                artifacts.show(preview, {})
            return
        pictures = {
            other.artifact.name: files.address(other.artifact.id)
            for other in self._story.previews
            if other.kind == "picture"
        }
        artifacts.show(preview, pictures)

    # --- acting

    def _ask_cancel(self) -> None:
        self._asks_cancel = not self._asks_cancel
        self._show()

    async def _cancel(self) -> None:
        self._asks_cancel = False
        await self._frame.act(lambda ops: ops.cancel(self._story.task.id, Cancel()))
        self._show()
        self._refresher.poke()

    async def _retry(self) -> None:
        if await self._frame.act(lambda ops: ops.retry(self._story.task.id, Retry()), strings.RETRIED):
            self._refresher.poke()


def shelf_of(artifact: Artifact) -> str:
    """Under which heading a file stands; what a worker stores for its own use stands under none."""
    is_transcript = artifact.kind == "record" and artifact.name.startswith(f"{TRANSCRIPT}-")
    return TRANSCRIPT if is_transcript else artifact.kind


def _attempt_of(artifact: Artifact) -> str:
    return artifact.name.removeprefix(f"{TRANSCRIPT}-").partition(".")[0]


def _fact(name: str, value: str | datetime) -> None:
    el("dt", text=name)
    with el("dd"):
        if isinstance(value, datetime):
            Moment(value, "clock")
        else:
            el("span", text=value)


def _draw_event(event: Event) -> None:
    el("span", text=strings.EVENTS[event.type].format(actor=event.actor))
    detail = event.payload.get("name") or event.payload.get("answer") or event.payload.get("reason")
    if isinstance(detail, str) and detail:
        el("span", "timeline-detail", detail[:200])
    Moment(event.at, "clock")


def _draw_attempt(attempt: Attempt) -> None:
    outcome = (
        strings.OUTCOME.get(attempt.outcome or "", attempt.outcome) if attempt.outcome else strings.UNDER_WAY
    )
    el("span", text=f"{attempt.agent}: {outcome}")
    if attempt.error:
        el("span", "timeline-detail", attempt.error[:300])
    Moment(attempt.started_at, "clock")
