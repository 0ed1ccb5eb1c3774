"""Speech made fit to be understood: fillers, self-corrections, times in words, words for the ear."""

from datetime import datetime, timedelta, timezone

import pytest

from brain.offline import grammar, spoken
from brain.offline.due import find_moment, written_clock
from brain.offline.ear import for_the_ear
from brain.offline.recurring import find_recurrence

WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("um create a task uh to buy milk", "create a task to buy milk"),
        (
            "I need the fence painted by wednesday uh no sorry by thursday",
            "I need the fence painted by thursday",
        ),
        (
            "create a task to call the plumber no make that the electrician",
            "create a task to call the electrician",
        ),
        ("make task 3 no sorry task 4 urgent", "make task 4 urgent"),
        ("set it to low no i mean high", "set it to high"),
        ("add a task to buy milk, no, bread", "add a task to buy bread"),
        ("create a task uh scratch that cancel task 6", "cancel task 6"),
        (
            "remind me tomorrow at 8 no wait at 9 to take the bins out",
            "remind me tomorrow at 9 to take the bins out",
        ),
        ("what do you know about me", "what do you know about me"),
        ("I actually want to sort out the garage", "I actually want to sort out the garage"),
        ("uh", "uh"),
    ],
)
def test_a_correction_replaces_what_it_corrects(said: str, meant: str) -> None:
    assert spoken.tidy(grammar.normalise(said)) == meant


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("no, make that Friday", "Friday"),
        ("actually make it critical", "critical"),
        ("I meant tomorrow", "tomorrow"),
        ("make a task", None),
        ("no", None),
    ],
)
def test_a_change_of_mind_is_told_from_a_new_wish(said: str, change: str | None) -> None:
    assert spoken.amendment(said) == change


@pytest.mark.parametrize(
    ("said", "at", "rest"),
    [
        ("call mom at five thirty", "2026-11-25T17:30", "call mom"),
        ("take the passport tomorrow at eight", "2026-11-26T08:00", "take the passport"),
        ("tomorrow at quarter past three call Bob", "2026-11-26T15:15", "call Bob"),
        ("pay rent in twenty minutes", "2026-11-25T09:20", "pay rent"),
        ("at 3 call the plumber", "2026-11-25T15:00", "call the plumber"),
        ("on Monday to call Jo", "2026-11-30T09:00", "to call Jo"),
        ("call mom in half an hour", "2026-11-25T09:30", "call mom"),
    ],
)
def test_a_moment_is_found_anywhere(said: str, at: str, rest: str) -> None:
    found = find_moment(written_clock(said), WEDNESDAY)
    assert found is not None
    assert (found.at.replace(tzinfo=None), found.rest) == (datetime.fromisoformat(at), rest)


@pytest.mark.parametrize("said", ["buy 3 apples", "read chapter 12", "the second one"])
def test_a_number_is_no_moment(said: str) -> None:
    assert find_moment(written_clock(said), WEDNESDAY) is None


@pytest.mark.parametrize(
    ("said", "cron", "rest"),
    [
        ("every monday morning send the report", "0 9 * * MON", "send the report"),
        ("check the backups every weekday at 8:30", "30 8 * * MON-FRI", "check the backups"),
        ("on the first of every month compile the expenses", "0 9 1 * *", "compile the expenses"),
        ("water the plants every two days", "0 9 */2 * *", "water the plants"),
        ("at 7am every day write a summary", "0 7 * * *", "write a summary"),
        ("every tuesday and thursday at 5pm go over the inbox", "0 17 * * TUE,THU", "go over the inbox"),
        ("mondays at noon check mail", "0 12 * * MON", "check mail"),
        ("look at the queue every hour", "0 * * * *", "look at the queue"),
    ],
)
def test_how_often_becomes_a_cron_pattern(said: str, cron: str, rest: str) -> None:
    found = find_recurrence(said)
    assert found is not None
    assert (found.cron, found.rest) == (cron, rest)


@pytest.mark.parametrize("said", ["call everyone on monday", "everything about tuesday", "one day"])
def test_what_happens_once_has_no_pattern(said: str) -> None:
    assert find_recurrence(said) is None


def test_what_is_heard_has_no_lists_and_no_signs() -> None:
    tasks = ("Task 1, “Paint”: done", "Task 2, “Buy”: failed", "Task 3, “Sell”: open", "Task 4, “Go”: open")
    written = "\n".join(["4 tasks:", *(f"- {task}" for task in tasks)])
    spoken_text = for_the_ear(f"{written}\n\nSee https://example.org.\nOr briefly: /tasks · /status")
    assert spoken_text.startswith("4 tasks. Task 1, Paint: done. Task 2, Buy: failed. ")
    assert "Task 3, Sell: open. And 1 more." in spoken_text
    assert not set("“”-/") & set(spoken_text)


def test_what_is_heard_is_short_and_ends_with_the_next_step() -> None:
    long = "A sentence of exactly seven words here. " * 30 + "Answer with yes."
    heard = for_the_ear(long)
    assert len(heard.split()) <= 80
    assert heard.endswith("Answer with yes.")
