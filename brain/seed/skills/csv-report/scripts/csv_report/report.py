"""The report in Markdown."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from csv_report import wording
from csv_report.columns import Kind
from csv_report.profiling import Column
from csv_report.reading import Table

if TYPE_CHECKING:  # it brings the library that draws
    from csv_report.charts import Chart

_VALUE_CHARS = 30


def write_report(
    table: Table, columns: Sequence[Column], findings: Sequence[str], chart: "Chart", *, source: str
) -> str:
    """The whole report: what stands out, the chart, every column by kind, how the file was read."""
    parts = [
        f"# {_cell(source, 120)}",
        f"{size(table)}, {table.layout}.",
        "## What stands out",
        "\n".join(f"- {_escape(finding)}" for finding in findings),
        f"![{_escape(chart.caption)}]({chart.path.name})",
        *_numbers(columns),
        *_dates(columns),
        *_texts(columns),
        *_notes(table, columns),
    ]
    return "\n\n".join(parts) + "\n"


def summarise(table: Table, columns: Sequence[Column], findings: Sequence[str], *, source: str) -> str:
    """Two sentences for the chat."""
    dates = next((column.dates for column in columns if column.dates), None)
    when = f", {wording.span(dates.earliest, dates.latest, dates.grain)}" if dates else ""
    return f"{wording.clip(source, 80)} has {size(table)}{when}. {findings[0]}"


def size(table: Table) -> str:
    """ "1,200 rows and 7 columns"."""
    return f"{wording.count(table.rows, 'row')} and {wording.count(len(table.names), 'column')}"


def _numbers(columns: Sequence[Column]) -> list[str]:
    heads = ["Column", "Missing", "Distinct", "Min", "Median", "Mean", "Max", "Std. dev."]
    rows = []
    for column in columns:
        numbers, unit = column.numbers, column.meaning.unit
        if numbers:
            values = [
                wording.exact(numbers.minimum, whole=numbers.whole, unit=unit),
                wording.exact(numbers.median, whole=numbers.median == int(numbers.median), unit=unit),
                wording.exact(numbers.mean, whole=False, unit=unit),
                wording.exact(numbers.maximum, whole=numbers.whole, unit=unit),
                "" if numbers.std is None else wording.exact(numbers.std, whole=False),
            ]
            rows.append([_name(column), _missing(column), f"{column.distinct:,}", *values])
    return _section("Numbers", heads, rows, text_columns=1)


def _dates(columns: Sequence[Column]) -> list[str]:
    rows = []
    for column in columns:
        if dates := column.dates:
            span = [wording.moment(when, dates.grain) for when in (dates.earliest, dates.latest)]
            rows.append([_name(column), *span, _missing(column), f"{column.distinct:,}"])
    return _section("Dates", ["Column", "Earliest", "Latest", "Missing", "Distinct"], rows, text_columns=3)


def _texts(columns: Sequence[Column]) -> list[str]:
    rows = []
    for column in columns:
        if column.kind is Kind.TEXT:
            rows.append([_name(column), _top(column), _missing(column), f"{column.distinct:,}"])
        elif column.kind is Kind.EMPTY:
            rows.append([_name(column), "(empty in every row)", _missing(column), "0"])
    return _section("Texts", ["Column", "Commonest values", "Missing", "Distinct"], rows, text_columns=2)


def _top(column: Column) -> str:
    """The commonest values; a few examples where each occurs once."""
    if column.distinct == column.rows - column.missing:
        return "all different, such as " + ", ".join(
            _cell(value, _VALUE_CHARS) for value, _ in column.top[:2]
        )
    return ", ".join(f"{_cell(value, _VALUE_CHARS)} ({times:,})" for value, times in column.top)


def _notes(table: Table, columns: Sequence[Column]) -> list[str]:
    notes = list(table.remarks)
    if len(columns) < len(table.names):
        notes.append(f"Only the first {len(columns)} of {len(table.names):,} columns are described.")
    for column in columns:
        if column.meaning.unreadable:
            left_out = wording.count(column.meaning.unreadable, "value")
            example = _cell(column.meaning.example, _VALUE_CHARS)
            notes.append(
                f"{_name(column)}: {left_out} left out, no {column.kind.value}, such as “{example}”."
            )
        if column.meaning.date and (order := column.meaning.date.order):
            notes.append(f"{_name(column)}: dates read as {order}.")
    return ["## How the file was read", "\n".join(f"- {note}" for note in notes)] if notes else []


def _section(title: str, heads: list[str], rows: list[list[str]], *, text_columns: int) -> list[str]:
    if not rows:
        return []
    rule = ["---" if place < text_columns else "---:" for place in range(len(heads))]
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows)]
    return [f"## {title}", "\n".join(lines)]


def _name(column: Column) -> str:
    return _cell(column.name, 60)


def _missing(column: Column) -> str:
    if not column.missing:
        return "0"
    return f"{column.missing:,} ({wording.percent(column.missing / column.rows)})"


def _cell(text: str, limit: int) -> str:
    return _escape(wording.clip(text, limit))


def _escape(text: str) -> str:
    """What is in the file is text: nothing in it may become a link, markup or a new cell."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{char}" if char in "\\`*_[]|#~" else char for char in text)
