"""What a notice says."""

from typing import Any

import pytest

from agentops.wire import Event
from gateway.notify.wording import text_of
from tests.conformance.turns import NOW

TASK = {"number": 12, "title": "Analyse sales.csv", "status": "completed"}


def an_event(kind: str, **payload: Any) -> Event:
    return Event(
        cursor="1",
        type=kind,
        entity_type="task",
        entity_id="t",
        task_id=None,
        project_id=None,
        actor="seed",
        payload=TASK | payload,
        traceparent=None,
        at=NOW,
    )


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (
            an_event("task.completed", result={"summary": "3 columns, 10 rows."}),
            "Done: Analyse sales.csv (task 12). 3 columns, 10 rows.",
        ),
        (an_event("task.completed", result={}), "Done: Analyse sales.csv (task 12)."),
        (an_event("task.completed", result=None), "Done: Analyse sales.csv (task 12)."),
        (an_event("task.completed", result={"summary": 7}), "Done: Analyse sales.csv (task 12)."),
        (
            an_event("task.blocked", question="Which column?", options=["a", "b"]),
            "Task 12 “Analyse sales.csv” needs you: Which column? (a / b)",
        ),
        (
            an_event("task.failed", status="failed", error="line 3 is broken"),
            (
                "Task 12 “Analyse sales.csv” failed: line 3 is broken. "
                "Put right what it names, then ask me for it again."
            ),
        ),
        (an_event("task.failed", status="pending", error="tried again soon"), None),
        (an_event("task.created"), None),
    ],
)
def test_each_event_has_its_words(event: Event, text: str | None) -> None:
    assert text_of(event) == text


def test_a_very_long_summary_is_cut() -> None:
    text = text_of(an_event("task.completed", result={"summary": "word " * 5_000}))
    assert text is not None
    assert len(text) < 3_100
    assert text.endswith("…")
