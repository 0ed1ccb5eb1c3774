"""What a notice says, from the event that caused it. Pure."""

from typing import Any

from agentops.wire import Event

TOLD = ("task.completed", "task.blocked", "task.failed")
"""The events that the person hears of."""

_LONGEST = 3_000


def text_of(event: Event) -> str | None:
    """The words for the person; None when there is nothing to say, as for a failure that is tried again."""
    payload = event.payload
    task = f"Task {payload.get('number', '?')} “{payload.get('title', 'untitled')}”"
    if event.type == "task.completed":
        return _completed(payload)
    if event.type == "task.blocked":
        return _blocked(task, payload)
    if event.type == "task.failed" and payload.get("status") == "failed":
        error = _sentence(payload.get("error")) or "Its worker gave no reason."
        return f"{task} failed: {error} Put right what it names, then ask me for it again."
    return None


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
