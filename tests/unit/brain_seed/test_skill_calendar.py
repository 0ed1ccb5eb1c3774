"""Questions about dates as people ask them; today is Sunday, 22 November 2026."""

import datetime as dt
from typing import Any

import pytest
from calendar_sums.job import reply

TODAY = dt.date(2026, 11, 22)


def asked(question: str) -> dict[str, Any]:
    answer: dict[str, Any] = reply(question, "", TODAY)
    return answer


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("How many days until Christmas?", "to Friday, 25 December 2026: 33 days"),
        ("How many days are left until 1 March 2027", "99 days (3 months, 7 days)"),
        ("What date is 90 days after 1 March 2027?", "is Sunday, 30 May 2027"),
        ("90 days from today", "is Saturday, 20 February 2027"),
        ("What is the date in 6 weeks", "is Sunday, 3 January 2027"),
        ("which weekday was 9 November 1989?", "9 November 1989 was a Thursday."),
        ("What day of the week is 2027-01-01", "1 January 2027 is a Friday."),
        ("how many working days between 1 June 2027 and 15 July 2027?", "32 working days"),
        ("How many weeks from 2026-01-05 to 2026-12-24", "50 weeks and 3 days"),
        ("how old is someone born 14 March 1990", "36 years old"),
        ("calendar week of 3 May 2027", "week 18 of 2027"),
        ("how many days since 1 January", "325 days"),
        ("3 months before 31 May 2027", "is Sunday, 28 February 2027"),
        ("2027-01-31 + 1 month", "is Sunday, 28 February 2027"),
        ("10 working days after 24 December 2026", "is Thursday, 7 January 2027 (Monday to Friday"),
        ("how many days until next friday", "to Friday, 27 November 2026: 5 days"),
        ("What day is 3/4/2027", "3 April 2027 is a Saturday"),
    ],
)
def test_the_answer_writes_dates_out(question: str, told: str) -> None:
    assert told in asked(question)["summary"]


@pytest.mark.parametrize(
    ("question", "complaint"),
    [
        ("days between 2026-02-30 and 2026-03-01", "There is no date “2026-02-30”"),
        ("How many days until flurbsday 7", "cannot read “flurbsday 7” as a date"),
        ("999999999 days from now", "beyond the calendar"),
        ("Sing a song", "do not understand"),
    ],
)
def test_what_is_no_date_is_explained_with_an_example(question: str, complaint: str) -> None:
    error = asked(question)["error"]

    assert complaint in error
    assert "how many days until 24 December" in error
