"""What an event means to whom: its words, its session, its question. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from agentops.wire import Event, GateKind
from gateway.errors import InvalidSessionId
from gateway.notify.wording import text_of
from gateway.session.names import session_id
from gateway.session.turns import SessionId

TOLD: Final = (
    "task.completed",
    "task.failed",
    "gate.opened",
    "agent.offline",
    "budget.warning",
    "budget.exhausted",
    "schedule.fired",
    "person.paired",
)
"""The events that somebody may hear of. A blocked task is told by the gate that it waits at."""
CLOSES_A_GATE: Final = ("gate.answered", "gate.expired")
CHANGES_PEOPLE: Final = ("person.*", "preferences.updated")
_FOR_OWNERS: Final = frozenset({"agent.offline", "budget.warning", "budget.exhausted", "person.paired"})
_NOT_IN_AN_ID: Final = re.compile(r"[^A-Za-z0-9._:@-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """An event that somebody may want to hear of."""

    id: str
    """The same for the same event, so that it is told once."""
    kind: str
    session_id: SessionId
    text: str
    task_number: int | None
    gate_id: str | None


def news_of(event: Event, main: SessionId) -> News | None:
    """What there is to tell; None when nobody has to hear of it.

    Args:
        event: Any event.
        main: The owners' session.
    """
    session = _session_of(event, main)
    text = text_of(event) if event.type in TOLD else None
    if session is None or text is None:
        return None
    gate = str(event.payload.get("gate_id") or "") or None if event.type == "gate.opened" else None
    number = event.payload.get("number")
    return News(
        id=f"notice-gate-{gate}" if gate else f"notice-{_NOT_IN_AN_ID.sub('-', event.cursor)}",
        kind=_kind_of(event),
        session_id=session,
        text=text,
        task_number=number if isinstance(number, int) else None,
        gate_id=gate,
    )


def _kind_of(event: Event) -> str:
    """A question is what people know as a blocked task; only an approval is called by its gate."""
    question = event.type == "gate.opened" and event.payload.get("kind") != GateKind.APPROVAL
    return "task.blocked" if question else event.type


def _session_of(event: Event, main: SessionId) -> SessionId | None:
    if event.type in _FOR_OWNERS:
        return main
    key = "session" if event.type == "schedule.fired" else "origin"
    try:
        return session_id(str(event.payload.get(key) or ""))
    except InvalidSessionId:
        return None
