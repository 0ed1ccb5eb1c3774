"""Titles and what is said beside them."""

from datetime import datetime, timedelta, timezone

import pytest

from brain.messages import File
from brain.offline.slots import MAX_TITLE_CHARS, details, name_files, priority_of

WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=timezone(timedelta(hours=1)))
CSV = File(artifact_id="a", name="sales.csv", media_type="text/csv", size_bytes=3)


@pytest.mark.parametrize(
    ("text", "title", "priority", "project"),
    [
        ("buy milk, eggs and bread @home !high", "Buy milk, eggs and bread", "high", "home"),
        ("review the urgent tickets", "Review the urgent tickets", None, None),
        ("pay rent, it's urgent", "Pay rent", "high", None),
        ("write a letter in the Website project, not urgent", "Write a letter", "low", "Website"),
        ("call Ann asap", "Call Ann", "high", None),
        ("urgent: fix the printer", "Fix the printer", "high", None),
        ("make a report, priority: low please", "Make a report", "low", None),
        ("research rivals for project Acme Corp, top priority", "Research rivals", "critical", "Acme Corp"),
        ("book a top floor room", "Book a top floor room", None, None),
        ("write to bob@example.com", "Write to bob@example.com", None, None),
        ("“Plan Q3”", "Plan Q3", None, None),
    ],
)
def test_modifiers_leave_the_title(text: str, title: str, priority: str | None, project: str | None) -> None:
    found = details(text, (), WEDNESDAY)
    assert (found.title, found.priority, found.project) == (title, priority, project)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("analyse this file", "Analyse sales.csv"),
        ("analyse it", "Analyse sales.csv"),
        ("look at the attached csv file I uploaded", "Look at sales.csv"),
        ("make a report", "Make a report (sales.csv)"),
        ("analyse sales.csv", "Analyse sales.csv"),
    ],
)
def test_an_attached_file_is_named_in_the_title(text: str, title: str) -> None:
    assert details(text, [CSV], WEDNESDAY).title == title


def test_many_files_are_counted() -> None:
    files = [File(artifact_id=n, name=f"{n}.csv", media_type="", size_bytes=1) for n in "abc"]
    assert name_files(files) == "a.csv and 2 more files"
    assert name_files(files[:2]) == "a.csv and b.csv"


def test_a_long_text_is_kept_in_the_description() -> None:
    text = "summarise this. " + "It goes on and on. " * 50
    found = details(text, (), WEDNESDAY)
    assert len(found.title) <= MAX_TITLE_CHARS
    assert found.description == text.strip()


@pytest.mark.parametrize(
    ("words", "priority"),
    [
        ("not urgent", "low"),
        ("top priority", "critical"),
        ("p1", "high"),
        ("normal", "medium"),
        ("blue", None),
    ],
)
def test_priority_words(words: str, priority: str | None) -> None:
    assert priority_of(words) == priority
