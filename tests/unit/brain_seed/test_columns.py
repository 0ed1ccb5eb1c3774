"""What a column holds is recognised as people write it."""

from datetime import datetime

import polars as pl
import pytest
from csv_report.columns import Kind, find_meaning, present, values
from csv_report.dates import Grain


def typed(*cells: str, delimiter: str = ",", name: str = "x") -> tuple[Kind, list[object]]:
    text = present(pl.Series(list(cells)))
    meaning = find_meaning(text, delimiter=delimiter, name=name)
    return meaning.kind, values(text, meaning).to_list()


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1", "-2", "+3"], [1, -2, 3]),
        (["1.5", ".5", "2."], [1.5, 0.5, 2]),
        (["1,234.5", "12", "1,000,000"], [1234.5, 12, 1_000_000]),
        (["1.234,5", "12,25"], [1234.5, 12.25]),
        (["1e3", "2.5E-1"], [1000, 0.25]),
        (["€ 5", "€1,200.50"], [5, 1200.5]),
        (["5 %", "12.5%"], [5, 12.5]),
        (["(5)", "7"], [-5, 7]),
        (["\u22125", "7"], [-5, 7]),
        (["1 234", "12\u00a0345", "1'000"], [1234, 12345, 1000]),
    ],
)
def test_numbers_are_read_as_people_write_them(cells: list[str], numbers: list[float]) -> None:
    assert typed(*cells) == (Kind.NUMBER, numbers)


def test_a_lone_thousands_mark_is_read_by_the_files_delimiter() -> None:
    assert typed("1,234", "5,678") == (Kind.NUMBER, [1234, 5678])
    assert typed("1,234", "5,678", delimiter=";") == (Kind.NUMBER, [1.234, 5.678])


@pytest.mark.parametrize("cell", ["", " ", "NA", "n/a", "NULL", "None", "-", "?", "#N/A", "nan"])
def test_what_people_write_for_nothing_is_missing(cell: str) -> None:
    assert typed("1", cell, "3") == (Kind.NUMBER, [1, None, 3])


def test_postal_codes_stay_text() -> None:
    assert typed("01234", "99999")[0] is Kind.TEXT


def test_a_few_strays_do_not_make_numbers_text_and_are_counted() -> None:
    text = present(pl.Series(["1"] * 40 + ["unknown"]))
    meaning = find_meaning(text)

    assert (meaning.kind, meaning.unreadable, meaning.example) == (Kind.NUMBER, 1, "unknown")


def test_numbers_among_words_are_text() -> None:
    assert typed("1", "two", "3")[0] is Kind.TEXT


def test_a_column_without_values_is_empty() -> None:
    assert typed("", "NA")[0] is Kind.EMPTY


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2024-03-09", datetime(2024, 3, 9)),  # noqa: DTZ001  (wall-clock times have no zone)
        ("2024/03/09", datetime(2024, 3, 9)),  # noqa: DTZ001
        ("09.03.2024", datetime(2024, 3, 9)),  # noqa: DTZ001
        ("9 Mar 2024", datetime(2024, 3, 9)),  # noqa: DTZ001
        ("March 9, 2024", datetime(2024, 3, 9)),  # noqa: DTZ001
        ("2024-03-09 14:05", datetime(2024, 3, 9, 14, 5)),  # noqa: DTZ001
        ("2024-03-09T14:05:06Z", datetime(2024, 3, 9, 14, 5, 6)),  # noqa: DTZ001
        ("2024-03-09T14:05:06.5+01:00", datetime(2024, 3, 9, 14, 5, 6, 500_000)),  # noqa: DTZ001
        ("3/9/2024 2:05 PM", datetime(2024, 3, 9, 14, 5)),  # noqa: DTZ001
        ("2024-03", datetime(2024, 3, 1)),  # noqa: DTZ001
        ("Mar 2024", datetime(2024, 3, 1)),  # noqa: DTZ001
    ],
)
def test_dates_are_read_as_people_write_them(cell: str, moment: datetime) -> None:
    assert typed(cell, cell) == (Kind.DATE, [moment, moment])


def test_the_order_of_day_and_month_follows_from_the_values() -> None:
    first_day = typed("25/03/2024", "01/04/2024")[1][1]

    assert first_day == datetime(2024, 4, 1)  # noqa: DTZ001


def test_where_both_orders_fit_the_files_delimiter_decides() -> None:
    assert typed("03/04/2024")[1] == [datetime(2024, 3, 4)]  # noqa: DTZ001
    assert typed("03/04/2024", delimiter=";")[1] == [datetime(2024, 4, 3)]  # noqa: DTZ001


def test_bare_years_are_dates_only_in_a_column_of_that_name() -> None:
    text = present(pl.Series(["2019", "2020"]))
    meaning = find_meaning(text, name="Year")

    assert meaning.date is not None
    assert meaning.date.grain is Grain.YEAR
    assert find_meaning(text, name="amount").kind is Kind.NUMBER


def test_impossible_dates_are_text() -> None:
    assert typed("2024-13-45", "2024-99-01")[0] is Kind.TEXT
