"""What a task looks like in a chat: its words, and the buttons for what can truly be done with it. Pure."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from agentops.wire import Gate, GateKind, GateStatus, Priority, Task, TaskStatus
from gateway.telegram.buttons import Button, Choice, Inline, Verb, labelled

_LONGEST = 900
_NUMBERS_SHOWN = 8
_MENTIONED = re.compile(r"\btask (\d{1,9})\b", re.IGNORECASE)
_STATES = {
    TaskStatus.PENDING: "waits for a worker",
    TaskStatus.IN_PROGRESS: "is being worked on",
    TaskStatus.BLOCKED: "waits for you",
    TaskStatus.COMPLETED: "is done",
    TaskStatus.FAILED: "failed",
    TaskStatus.CANCELLED: "was cancelled",
}
YES, NO = "yes", "no"
"""What an approval without options of its own is answered with."""


@dataclass(frozen=True, slots=True)
class Card:
    """A task as it stands, with the question that it waits for."""

    task: Task
    gate: Gate | None = None

    @property
    def buttons(self) -> Inline:
        """What can be done now."""
        return Inline((*_gate_rows(self.gate), *_task_rows(self.task)))

    def linked(self, panel: str) -> Inline:
        """The same, with the way to the whole result where a phone can reach the panel."""
        if not reachable(panel):
            return self.buttons
        page = Button("Open in the panel", url=f"{panel.rstrip('/')}/tasks/{self.task.number}")
        return Inline((*self.buttons.rows, (page,)))


def card_of(task: Task, gates: Sequence[Gate]) -> Card:
    """The card of a task, from its gates of any status."""
    return Card(task, next((gate for gate in gates if gate.status is GateStatus.OPEN), None))


def reachable(panel: str) -> bool:
    """Whether Telegram takes a link to this address: it refuses those of the machine itself."""
    host = urlsplit(panel).hostname or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host.strip(".") and not host.endswith(".localhost")


def sure_to_cancel(task: Task) -> Inline:
    """Asks once more."""
    yes = Button(f"Yes, cancel task {task.number}", Choice(Verb.CANCEL, task.id))
    return Inline(((yes,), (Button("No, keep it", Choice(Verb.KEEP, task.id)),)))


def priorities(task: Task) -> Inline:
    """The priorities, the present one marked."""
    chosen = tuple(
        Button(
            f"• {one.value}" if one is task.priority else one.value,
            Choice(Verb.PRIORITY, task.id, one.value),
        )
        for one in reversed(Priority)
    )
    return Inline((chosen[:2], chosen[2:], (Button("Back", Choice(Verb.KEEP, task.id)),)))


def receipt(tasks: Sequence[Task]) -> Inline | None:
    """Under what came of a call: each task that can still be taken back, or put before all others."""
    alone = len(tasks) == 1
    rows = [row for task in tasks[:_NUMBERS_SHOWN] if (row := _receipt_row(task, alone=alone))]
    return Inline(tuple(rows)) if rows else None


def _receipt_row(task: Task, *, alone: bool) -> tuple[Button, ...]:
    about = "" if alone else f" {task.number}"
    row = [Button(f"Undo{about}", Choice(Verb.UNDO, task.id))] if _cancellable(task) else []
    if task.status is TaskStatus.PENDING:
        row.append(Button(f"Start{about}", Choice(Verb.START, task.id)))
    return (*row, Button(f"Details{about}", Choice(Verb.DETAILS, task.id)))


def mentioned(text: str) -> Inline | None:
    """A button for each task that a text names; None for a text that names none."""
    numbers = list(dict.fromkeys(_MENTIONED.findall(text)))[:_NUMBERS_SHOWN]
    if not numbers:
        return None
    buttons = [Button(f"Task {number}", Choice(Verb.FIND, number)) for number in numbers]
    return Inline(tuple(tuple(buttons[at : at + 4]) for at in range(0, len(buttons), 4)))


def details(card: Card, *, project: str | None, zone: str = "UTC") -> str:
    """A task in words, as Markdown."""
    task = card.task
    lines = [f"**Task {task.number}: {task.title}**", f"It {_STATES[task.status]}, priority {task.priority}."]
    if task.cancel_requested and task.status is TaskStatus.IN_PROGRESS:
        lines.append("Its worker was asked to stop.")
    if task.progress is not None and task.status is TaskStatus.IN_PROGRESS:
        note = f": {task.progress_note}" if task.progress_note else ""
        lines.append(f"{task.progress:.0%} done{note}")
    if project:
        lines.append(f"Project: {project}")
    if task.due_at:
        lines.append(f"Due: {task.due_at:%Y-%m-%d %H:%M} {zone}")
    if task.description:
        lines += ["", _cut(task.description)]
    return "\n".join([*lines, *_outcome(card)])


def question(card: Card) -> str:
    """What a task asks, as Markdown."""
    asked = card.gate.question if card.gate else card.task.blocked_reason or "It waits for you."
    return f"**Task {card.task.number}: {card.task.title}**\n{_cut(asked)}"


def outcome_of(gate: Gate) -> str:
    """How a gate that is not open any more ended: one line."""
    if gate.status is GateStatus.EXPIRED:
        return "This question has expired."
    by = f" · {gate.answered_by}" if gate.answered_by else ""
    return f"✓ {_cut(gate.answer or 'answered')}{by}"


def _outcome(card: Card) -> list[str]:
    task = card.task
    if card.gate is not None:
        return ["", f"It asks: {_cut(card.gate.question)}"]
    if task.status is TaskStatus.FAILED and task.error:
        return ["", f"Error: {_cut(task.error)}"]
    summary = (task.result or {}).get("summary")
    return ["", f"Result: {_cut(summary)}"] if isinstance(summary, str) and summary else []


def _gate_rows(gate: Gate | None) -> tuple[tuple[Button, ...], ...]:
    """One choice a row; words of one's own where a question allows them."""
    if gate is None:
        return ()
    options = tuple(
        (Button(labelled(option) or "…", Choice(Verb.OPTION, gate.id, str(at))),)
        for at, option in enumerate(gate.options)
    )
    if gate.kind is GateKind.APPROVAL:
        approve = Button("✓ Approve", Choice(Verb.APPROVE, gate.id))
        return options or ((approve, Button("✗ Deny", Choice(Verb.DENY, gate.id))),)
    other = Button("Other…" if options else "Answer…", Choice(Verb.OTHER, gate.id))
    return (*options, (other,))


def _task_rows(task: Task) -> tuple[tuple[Button, ...], ...]:
    row = []
    if task.status is TaskStatus.FAILED:
        row.append(Button("Retry", Choice(Verb.RETRY, task.id)))
    if _cancellable(task):
        row.append(Button("Cancel", Choice(Verb.ASK_CANCEL, task.id)))
    if task.status in (TaskStatus.PENDING, TaskStatus.BLOCKED):
        row.append(Button("Priority", Choice(Verb.ASK_PRIORITY, task.id)))
    row.append(Button("Details", Choice(Verb.DETAILS, task.id)))
    return (tuple(row),)


def _cancellable(task: Task) -> bool:
    live = task.status in (TaskStatus.PENDING, TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED)
    return live and not task.cancel_requested


def _cut(words: str) -> str:
    text = words.strip()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()}…"
