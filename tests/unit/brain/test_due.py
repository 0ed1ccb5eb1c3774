"""Due dates out of words."""

from datetime import datetime, timedelta, timezone

import pytest

from brain.offline.due import find_due, parse_due

WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("text", "at", "rest"),
    [
        ("pay the bill by Friday", "2026-11-27T23:59", "pay the bill"),
        ("buy milk due:friday", "2026-11-27T23:59", "buy milk"),
        ("report, due tomorrow at 5pm", "2026-11-26T17:00", "report"),
        ("call Bob tomorrow", "2026-11-26T23:59", "call Bob"),
        ("prepare slides for Monday", "2026-11-30T23:59", "prepare slides for Monday"),
        ("send it before next friday", "2026-12-03T23:59", "send it"),
        ("do it in two hours", "2026-11-25T11:00", "do it"),
        ("write it by 3 December", "2026-12-03T23:59", "write it"),
        ("x by December 3rd, 2026 at 14:00", "2026-12-03T14:00", "x"),
        ("tomorrow morning: call Ann", "2026-11-26T09:00", "call Ann"),
        ("y until 2026-12-24", "2026-12-24T23:59", "y"),
        ("a by eod", "2026-11-25T23:59", "a"),
        ("by end of the month tidy up", "2026-11-30T23:59", "tidy up"),
        ("wait till wednesday", "2026-11-25T23:59", "wait"),
        ("finish by 8am", "2026-11-26T08:00", "finish"),
    ],
)
def test_a_due_date_is_found_and_taken_out(text: str, at: str, rest: str) -> None:
    due = find_due(text, WEDNESDAY)
    assert due is not None
    assert (due.at.isoformat(timespec="minutes"), due.rest) == (f"{at}+01:00", rest)


@pytest.mark.parametrize(
    "text",
    [
        "listen to a song by Queen",
        "analyse friday numbers",
        "compare the sales of may",
        "book a table for two",
        "version 3.12.1",
        "how many working days between 1 June 2027 and 15 July 2027",
        "how many days until 24 December",
        "which weekday was 9 November 1989",
        "90 days after 1 March 2027",
        "",
    ],
)
def test_words_that_only_look_like_dates_stay(text: str) -> None:
    assert find_due(text, WEDNESDAY) is None


def test_only_a_date_is_a_date() -> None:
    assert parse_due("next monday", WEDNESDAY) is not None
    assert parse_due("next monday or so", WEDNESDAY) is None


def test_an_impossible_date_is_none() -> None:
    assert parse_due("2026-13-45", WEDNESDAY) is None
    assert parse_due("31.02.2027", WEDNESDAY) is None
