"""What a notice says, from the event that caused it. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from agentops.wire import Event
from gateway.session.turns import Notice

_LONGEST = 3_000
_LINE = 160
_ALOUD = 300
_MOST_LINES = 20
_PLURALS = {
    "task.completed": "done",
    "task.failed": "failed",
    "task.blocked": "waiting for you",
    "gate.opened": "waiting for you",
    "agent.offline": "offline",
    "task.overdue": "late",
}


def text_of(event: Event) -> str | None:
    """The words for the person; None when there is nothing to say, as for a failure that is tried again."""
    payload = event.payload
    task = f"Task {payload.get('number', '?')} “{payload.get('title', 'untitled')}”"
    if event.type == "task.completed":
        return _completed(payload)
    if event.type in ("task.blocked", "gate.opened"):
        return _blocked(task, payload)
    if event.type == "task.failed" and payload.get("status") == "failed":
        error = _sentence(payload.get("error")) or "Its worker gave no reason."
        return f"{task} failed: {error} Put right what it names, then ask me for it again."
    return _of_the_house(event)


def _of_the_house(event: Event) -> str | None:
    """What is about no task."""
    payload = event.payload
    match event.type:
        case "agent.offline":
            return f"The worker {payload.get('name', event.entity_id)} is gone. What it held goes to others."
        case "budget.warning":
            return f"{_budget(payload)} It is nearly spent; at 100% nothing under it is started any more."
        case "budget.exhausted":
            return f"{_budget(payload)} Nothing under it is started until you raise it or it begins anew."
        case "schedule.fired":
            return _cut(payload.get("text")) or None
        case "person.paired":
            name = payload.get("display_name") or "Somebody"
            return f"{name} was let in, by {payload.get('channel', 'some channel')}."
    return None


def _budget(payload: dict[str, Any]) -> str:
    name = _cut(payload.get("name")) or f"{payload.get('scope', 'all')}, {payload.get('unit', 'usage')}"
    spent, limit = payload.get("spent"), payload.get("limit")
    if not (isinstance(spent, int) and isinstance(limit, int) and limit > 0):
        return f"Budget “{name}”."
    return f"Budget “{name}”: {spent * 100 // limit}% is used."


def merged_text(notices: Sequence[Notice]) -> str:
    """Several notices as one: what there is of each kind, then a line for each."""
    kinds = Counter(notice.kind for notice in notices)
    head = ", ".join(f"{number} {_PLURALS.get(kind, 'more')}" for kind, number in kinds.items())
    lines = [f"• {_first_line(notice.text)}" for notice in notices[:_MOST_LINES]]
    left = len(notices) - len(lines)
    return "\n".join([f"{head}:", *lines, *([f"… and {left} more."] if left else [])])


def _first_line(text: str) -> str:
    line = text.strip().splitlines()[0] if text.strip() else ""
    return line if len(line) <= _LINE else f"{line[:_LINE].rstrip()}…"


def aloud(event: Event) -> str:
    """What somebody hears who wanted to be called about a task: a sentence or two."""
    payload = event.payload
    number, title = payload.get("number", "?"), payload.get("title", "untitled")
    task = f"You asked me to call about task {number}, {title}."
    if event.type == "gate.opened":
        # Whole, since nobody can decide what they heard the half of.
        return f"{task} It needs you: {_cut(payload.get('question')) or 'it waits for your decision.'}"
    result = payload.get("result")
    if event.type == "task.completed":
        summary = _sentence(result.get("summary")) if isinstance(result, dict) else ""
        return f"{task} It is done. {_short(summary)}".rstrip()
    error = _sentence(payload.get("error")) or "Its worker gave no reason."
    return f"{task} It failed. {_short(error)}"


def not_reached(text: str) -> str:
    """What is written instead to somebody whose telephone rang in vain, or could not be rung."""
    return f"I tried to call you, and could not reach you. {text}"


def _short(text: str) -> str:
    """What is bearable to hear; the whole of it is on the other channels."""
    if len(text) <= _ALOUD:
        return text
    cut = text[:_ALOUD]
    return cut[: cut.rfind(". ") + 1] or f"{cut.rpartition(' ')[0]}…"


def still_waiting(text: str) -> str:
    """A question that nobody has answered, asked again."""
    return f"Still waiting for you. {text}"


def _completed(payload: dict[str, Any]) -> str:
    result = payload.get("result")
    summary = _sentence(result.get("summary")) if isinstance(result, dict) else ""
    return f"Done: {payload.get('title', 'untitled')} (task {payload.get('number', '?')}). {summary}".rstrip()


def _blocked(task: str, payload: dict[str, Any]) -> str:
    question = _cut(payload.get("question")) or "it waits for your decision."
    options = [str(option) for option in payload.get("options") or []]
    choice = f" ({' / '.join(options)})" if options else ""
    return f"{task} needs you: {question}{choice}"


def _sentence(words: object) -> str:
    text = _cut(words)
    return text if not text or text[-1] in ".!?…" else f"{text}."


def _cut(words: object) -> str:
    text = words.strip() if isinstance(words, str) else ""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()}…"
