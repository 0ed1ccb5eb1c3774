"""How things stand, on the telephone: two short sentences and an offer."""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from brain.offline import aloud, wording
from brain.rows import Overview, TaskRow


def task(number: int, title: str, question: str | None = None) -> TaskRow:
    return TaskRow(
        id=f"t{number}", number=number, title=title, status="blocked", priority="medium", question=question
    )


VENUE = task(5, "Choose a venue", question="Which city shall it be?")
LAPTOPS = task(9, "Order new laptops", question="They cost 4,200 euros. Shall I order them?")
BUSY = Overview(
    counts={"blocked": 2, "in_progress": 1, "failed": 1, "pending": 4},
    waiting_for_person=[LAPTOPS, VENUE],
    running=[task(3, "Book flights")],
    recently_failed=[task(4, "Compare the offers")],
)


@pytest.mark.parametrize(
    "now",
    [
        BUSY,
        Overview(counts={"blocked": 1}, waiting_for_person=[VENUE]),
        Overview(counts={"completed": 7}, recently_completed=[task(1, "Analyse sales.csv")]),
        Overview(counts={"pending": 2}, next_up=[task(2, "Write a letter")], paused=True),
    ],
)
@pytest.mark.parametrize("told", [aloud.overview, aloud.brief])
def test_a_caller_hears_few_words_and_what_to_ask_for(now: Overview, told: aloud.Told) -> None:
    heard = told(now)
    assert len(heard.split()) <= 45
    assert "For more" in heard
    assert not re.search(r"\n|[-*•] ", heard)


def test_one_question_is_asked_at_once() -> None:
    now = Overview(counts={"blocked": 1, "pending": 1}, waiting_for_person=[VENUE])
    assert aloud.overview(now) == (
        "Of your tasks, 1 needs you and 1 is yet to begin. Task 5 needs your answer: Which city shall it be? "
        "For more, say list my tasks."
    )


def test_of_several_questions_none_is_asked() -> None:
    assert "?" not in aloud.overview(BUSY)
    assert "task 9, Order new laptops" in aloud.overview(BUSY)


def test_a_long_question_is_cut_at_a_word() -> None:
    now = Overview(counts={"blocked": 1}, waiting_for_person=[task(5, "x", question="very long " * 40)])
    assert "very…" in aloud.overview(now) or "long…" in aloud.overview(now)


def test_a_brief_begins_with_what_cannot_wait() -> None:
    late = task(2, "Draft the investor letter")
    now = Overview(counts={"pending": 3}, overdue=[late], due_today=[task(8, "Call the bank")])
    assert aloud.brief(now).startswith(
        "Today: 1 overdue and 1 due today. The first that is overdue is task 2"
    )


AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DUE = f"due Mon 2 Mar at {AT.astimezone():%H:%M}"
SURVEY = TaskRow(id="t1", number=1, title="Meadowbank survey", status="pending", priority="medium")
NO_SKILL = (
    "I have no skill for this yet. What I can do without a model: report on a CSV or Excel file, and so on."
)


@pytest.mark.parametrize(
    ("changes", "heard"),
    [
        ({}, "is waiting to start."),
        ({"priority": "high"}, "is waiting to start. It has high priority."),
        ({"due_at": AT}, f"is waiting to start. It is {DUE}."),
        ({"priority": "low", "due_at": AT}, f"is waiting to start. It has low priority and is {DUE}."),
        ({"status": "in_progress", "progress": 0.4}, "is running, 40%."),
        (
            {"status": "blocked", "question": NO_SKILL, "options": ["Cancel it"]},
            f"needs your answer: {NO_SKILL[:85]}… You can say cancel it.",
        ),
        ({"status": "blocked", "question": "Which city?"}, "needs your answer: Which city?"),
        ({"status": "completed", "summary": "120 answers.", "priority": "high"}, "is done: 120 answers."),
        ({"status": "completed"}, "is done."),
        ({"status": "failed", "error": "no file"}, "failed: no file. Say retry task 1."),
        ({"status": "cancelled"}, "was cancelled."),
    ],
)
def test_one_task_is_told_in_a_sentence_or_two(changes: dict[str, Any], heard: str) -> None:
    told = aloud.one_task(msgspec.structs.replace(SURVEY, **changes))
    assert told == f"Task 1, Meadowbank survey, {heard}"


def test_a_task_that_asks_is_written_without_a_second_full_stop() -> None:
    asks = msgspec.structs.replace(SURVEY, status="blocked", question="I need the file.")
    assert "needs you: I need the file.\n" in wording.task_details(asks, AT)
