"""What a notice says."""

from typing import Any

import pytest

from agentops.wire import Event
from gateway.notify.wording import merged_text, text_of
from tests.conformance.turns import NOW, a_notice

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
        (
            an_event("gate.opened", question="Spend 5 on it?", options=["yes", "no"]),
            "Task 12 “Analyse sales.csv” needs you: Spend 5 on it? (yes / no)",
        ),
        (
            an_event("agent.offline", name="seed-1"),
            "The worker seed-1 is gone. What it held goes to others.",
        ),
        (
            an_event("budget.warning", name="May", spent=81, limit=100),
            "Budget “May”: 81% is used. It is nearly spent; at 100% nothing under it is started any more.",
        ),
        (
            an_event("budget.exhausted", scope="project", unit="tokens"),
            ("Budget “project, tokens”. Nothing under it is started until you raise it or it begins anew."),
        ),
        (an_event("schedule.fired", text=" Call Bob. "), "Call Bob."),
        (an_event("schedule.fired", text=None), None),
        (
            an_event("person.paired", display_name="Bob", channel="telegram"),
            "Bob was let in, by telegram.",
        ),
    ],
)
def test_each_event_has_its_words(event: Event, text: str | None) -> None:
    assert text_of(event) == text


def test_a_very_long_summary_is_cut() -> None:
    text = text_of(an_event("task.completed", result={"summary": "word " * 5_000}))
    assert text is not None
    assert len(text) < 3_100
    assert text.endswith("…")


def test_several_notices_become_one_with_a_line_for_each() -> None:
    notices = [a_notice(f"n{number}", text=f"Done: it {number}.\nMore of it.") for number in range(3)]
    assert merged_text(notices) == "3 done:\n• Done: it 0.\n• Done: it 1.\n• Done: it 2."


def test_very_many_notices_are_counted_and_not_all_listed() -> None:
    text = merged_text([a_notice(f"n{number}") for number in range(300)])
    assert text.startswith("300 done:\n• Done: it.\n")
    assert text.endswith("\n… and 280 more.")
