"""A task gets the skill that it calls for, a question, or an honest end."""

from datetime import UTC, datetime

import pytest

from agentops.wire import (
    Artifact,
    ArtifactId,
    Gate,
    GateId,
    GateKind,
    GateStatus,
    Priority,
    Task,
    TaskId,
    TaskStatus,
)
from brain.seed.catalog import load
from brain.seed.choice import Ask, Choice, GiveUp, Run, choose

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SKILLS = {skill.name: skill for skill in load()}
LONG = "The harbour was rebuilt after the storm. " * 12


def a_task(title: str, description: str = "", capabilities: tuple[str, ...] = ()) -> Task:
    return Task(
        id=TaskId("t"),
        number=1,
        project_id=None,
        parent_id=None,
        title=title,
        description=description,
        acceptance_criteria=[],
        priority=Priority.MEDIUM,
        status=TaskStatus.IN_PROGRESS,
        blocked_reason=None,
        error=None,
        version=1,
        assigned_to="seed",
        origin=None,
        context={},
        result=None,
        progress=None,
        progress_note=None,
        estimated_hours=None,
        due_at=None,
        run_after=None,
        capabilities=list(capabilities),
        depends_on=[],
        attempt=1,
        max_attempts=3,
        claim_epoch=1,
        cancel_requested=False,
        created_by="chief",
        updated_by="seed",
        created_at=NOW,
        updated_at=NOW,
        started_at=NOW,
        finished_at=None,
    )


def a_file(name: str, media_type: str = "application/octet-stream") -> Artifact:
    return Artifact(
        id=ArtifactId(name),
        task_id=None,
        name=name,
        media_type=media_type,
        size_bytes=1,
        sha256="",
        kind="input",
        created_by="chief",
        created_at=NOW,
    )


def an_answer(text: str) -> Gate:
    return Gate(
        id=GateId("g"),
        task_id=TaskId("t"),
        kind=GateKind.QUESTION,
        question="?",
        options=[],
        status=GateStatus.ANSWERED,
        answer=text,
        answered_by="me",
        created_at=NOW,
        answered_at=NOW,
        expires_at=None,
    )


def chosen(task: Task, *files: Artifact, answer: str | None = None) -> Choice:
    return choose(task, files, [an_answer(answer)] if answer else [], SKILLS)


@pytest.mark.parametrize(
    ("title", "file", "skill"),
    [
        ("Analyse sales.csv", a_file("sales.csv"), "csv-report"),
        ("sales", a_file("SALES.TSV"), "csv-report"),
        ("Have a look", a_file("export", "text/csv; charset=utf-8"), "csv-report"),
        ("Summarise sales.csv", a_file("sales.csv"), "csv-report"),
        ("Read this", a_file("notes.md"), "text-summary"),
        ("Read this", a_file("notes", "text/plain"), "text-summary"),
        ("Write a summary of notes.txt", a_file("notes.txt"), "text-summary"),
        ("Look", a_file("data.csv", "text/plain"), "csv-report"),
    ],
)
def test_a_file_decides_the_skill(title: str, file: Artifact, skill: str) -> None:
    choice = chosen(a_task(title), file)

    assert isinstance(choice, Run)
    assert (choice.skill.name, choice.inputs) == (skill, (file,))


@pytest.mark.parametrize(
    ("title", "file", "skill"),
    [
        ("Analyse the budget", a_file("budget.xlsx"), "csv-report"),
        ("Convert sales.csv to Excel", a_file("sales.csv"), "file-conversion"),
        ("Please turn this into a spreadsheet", a_file("data.json"), "file-conversion"),
        ("Export as csv", a_file("book.xlsx"), "file-conversion"),
        ("Convert to html", a_file("notes.md"), "file-conversion"),
        ("Make a PDF: convert it to pdf", a_file("photo.JPG"), "file-conversion"),
        ("Check the links in here", a_file("notes.md"), "link-check"),
        ("Are there broken links?", a_file("page.html"), "link-check"),
        ("Summarise the page", a_file("page.html"), "text-summary"),
        ("Summarise notes.md as text", a_file("notes.md"), "text-summary"),
    ],
)
def test_plain_words_decide_what_becomes_of_a_file(title: str, file: Artifact, skill: str) -> None:
    choice = chosen(a_task(title), file)

    assert isinstance(choice, Run)
    assert (choice.skill.name, choice.inputs) == (skill, (file,))


@pytest.mark.parametrize(
    ("title", "skill"),
    [
        ("Convert 42 km to miles", "unit-calculation"),
        ("How many miles is 42 km?", "unit-calculation"),
        ("What is 19% of 250?", "unit-calculation"),
        ("12 * (3 + 4)", "unit-calculation"),
        ("Calculate 3 h 20 min in seconds", "unit-calculation"),
        ("5 ft 7 in to cm", "unit-calculation"),
        ("How many days until Christmas?", "calendar-arithmetic"),
        ("Which weekday was 9 November 1989?", "calendar-arithmetic"),
        ("90 days after 1 March 2027", "calendar-arithmetic"),
        ("How many working days between 1 June and 15 July?", "calendar-arithmetic"),
        ("How old is someone born 14 March 1990?", "calendar-arithmetic"),
        ("Make a checklist for moving house", "checklist-making"),
        ("Packing list for Norway", "checklist-making"),
        ("Checklist: passport, tickets, charger", "checklist-making"),
        ("Check the links on https://example.org/page", "link-check"),
        ("Find dead links on https://example.org", "link-check"),
        ("Summarise https://example.org/article", "text-summary"),
    ],
)
def test_words_alone_can_decide(title: str, skill: str) -> None:
    choice = chosen(a_task(title))

    assert isinstance(choice, Run)
    assert (choice.skill.name, choice.inputs, choice.text) == (skill, (), None)


@pytest.mark.parametrize(
    "title",
    [
        "Book a table for 4 in Lisbon",
        "Convert 30 temperature readings from a strange format into Celsius",
        "Which day should we hold the party?",
        "Plan the 2027 offsite between sales and support",
        "Find out what is 5 miles from here and book it",
        "Read https://example.org and tell me what you think",
        "Check in for flight LH 400",
        "Call Ann 3 days before the meeting",
    ],
)
def test_words_that_only_look_like_it_are_asked_about(title: str) -> None:
    assert isinstance(chosen(a_task(title)), Ask)


def test_of_several_files_those_of_the_skill_are_used() -> None:
    table, scan = a_file("a.csv"), a_file("b.pdf")
    choice = chosen(a_task("Analyse these"), table, scan)

    assert isinstance(choice, Run)
    assert choice.inputs == (table,)


@pytest.mark.parametrize("title", ["Summarise this", "TL;DR", "Give me the key points", "Fasse das zusammen"])
def test_a_long_description_is_summarised_when_the_task_asks_for_it(title: str) -> None:
    choice = chosen(a_task(title, LONG))

    assert isinstance(choice, Run)
    assert (choice.skill.name, choice.text) == ("text-summary", LONG)


def test_a_long_description_of_other_work_is_not_summarised() -> None:
    assert isinstance(chosen(a_task("Plan the party", LONG)), Ask)


@pytest.mark.parametrize(
    "title",
    [
        "Translate sales.csv",
        "Please convert sales.csv to Word",
        "Email this to Ann",
        "Delete the duplicates",
    ],
)
def test_words_that_no_skill_can_follow_are_asked_about_even_with_a_file(title: str) -> None:
    choice = chosen(a_task(title), a_file("sales.csv"))

    assert isinstance(choice, Ask)
    assert "report on sales.csv" in choice.question
    assert choice.options == ("Make the report", "Cancel it")


def test_the_offer_can_be_taken() -> None:
    choice = chosen(a_task("Translate sales.csv"), a_file("sales.csv"), answer="Make the report")

    assert isinstance(choice, Run)


def test_whoever_names_the_skill_gets_it() -> None:
    choice = chosen(a_task("Convert it", capabilities=("csv-report",)), a_file("sales.csv"))

    assert isinstance(choice, Run)


@pytest.mark.parametrize("answer", ["Cancel it", "cancel it.", "Stop", "never mind", "no"])
def test_a_refusal_ends_the_task(answer: str) -> None:
    assert chosen(a_task("Book a flight"), answer=answer) == GiveUp("Not done: you chose to cancel it.")


def test_a_text_in_the_answer_is_summarised() -> None:
    choice = chosen(a_task("Summarise the article"), answer=LONG)

    assert isinstance(choice, Run)
    assert choice.text == LONG.strip()


@pytest.mark.parametrize("files", [(), (a_file("scan.pdf"),)])
def test_nobody_is_asked_twice(files: tuple[Artifact, ...]) -> None:
    assert isinstance(chosen(a_task("Book a flight"), *files), Ask)
    assert isinstance(chosen(a_task("Book a flight"), *files, answer="go on"), GiveUp)


def test_a_file_that_cannot_be_read_is_named_in_the_question() -> None:
    choice = chosen(a_task("Analyse this"), a_file("report.pdf"))

    assert isinstance(choice, Ask)
    assert "report.pdf" in choice.question
