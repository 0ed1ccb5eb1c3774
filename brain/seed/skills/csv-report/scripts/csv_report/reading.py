"""From a file of any encoding and delimiter to a checked table in Parquet.

Every line is checked before anything is computed: a table with a broken line is refused as a whole, with
the line's number, because a report that silently leaves rows out is worse than none.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, islice
from pathlib import Path

import polars as pl

from csv_report.decoding import Encoding, detect_encoding
from csv_report.dialect import DELIMITERS, detect_delimiter
from csv_report.header import has_header, name_columns
from csv_report.problems import UnusableTable

_SAMPLE_LINES = 200
_ROWS_BETWEEN_REPORTS = 100_000
_MAX_VALUE_CHARS = 1_000_000
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

Report = Callable[[float], None]
"""Called now and then with the share of the file that has been read, 0 to 1."""


@dataclass(frozen=True)
class Table:
    """A checked table. Every value is still text, exactly as written."""

    path: Path
    """Parquet; its columns are called c0, c1, …, because names in files repeat and may be anything."""
    names: list[str]
    rows: int
    delimiter: str
    encoding: str
    has_header: bool
    remarks: list[str]
    in_workbook: bool = False
    """Whether it was a sheet of Excel's."""

    def column(self, index: int) -> pl.Series:
        """One column as text, in the file's order."""
        return pl.scan_parquet(self.path).select(f"c{index}").collect().to_series()

    @property
    def layout(self) -> str:
        """Such as "semicolon-separated, utf-8", for the report."""
        if self.in_workbook:
            return "from an Excel workbook"
        return f"{_DELIMITER_NAMES[self.delimiter]}-separated, {self.encoding}"


def read_table(path: Path, workspace: Path, *, name: str = "", report: Report = lambda _: None) -> Table:
    """Checks the file and copies it to Parquet in the workspace.

    Args:
        path: The file as it came.
        workspace: Where the copies go; needs about twice the file's size.
        name: What the person calls the file; `.tsv` speaks for tabs.
        report: See `Report`.

    Raises:
        UnusableTable: the file is no table; the message names the first bad line.
    """
    csv.field_size_limit(_MAX_VALUE_CHARS)
    encoding = detect_encoding(path)
    delimiter, skip = _choose_delimiter(path, encoding, name)
    size = path.stat().st_size
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding.codec, "replace", newline="") as text:
        records = _records(text, delimiter, skip, lambda: report(min(raw.tell() / size, 1.0)))
        checked = _Checked(records)
        copy = workspace / f"{path.stem}.checked.csv"
        rows = checked.write(copy)
    target = workspace / f"{path.stem}.parquet"
    _to_parquet(copy, target, checked.width)
    return Table(
        path=target,
        names=checked.names,
        rows=rows,
        delimiter=delimiter,
        encoding=encoding.codec.removesuffix("-sig"),
        has_header=checked.has_header,
        remarks=_remarks(encoding, checked),
    )


def _choose_delimiter(path: Path, encoding: Encoding, name: str) -> tuple[str, int]:
    """The delimiter, and how many lines to skip: Excel may write `sep=;` above the table."""
    with path.open(encoding=encoding.codec, errors="replace", newline="") as text:
        lines = [line[:_MAX_VALUE_CHARS] for line in islice(text, _SAMPLE_LINES)]
    hint = lines[0].strip().lower() if lines else ""
    if hint.startswith("sep=") and hint[4:] in DELIMITERS:
        return hint[4:], 1
    prefer = "\t" if name.lower().endswith((".tsv", ".tab")) else None
    return detect_delimiter(lines, prefer=prefer), 0


@dataclass(frozen=True)
class _Record:
    line: int
    """Where it starts in the file, counted from 1."""
    values: list[str]


def _records(
    text: io.TextIOWrapper, delimiter: str, skip: int, report: Callable[[], None]
) -> Iterator[_Record]:
    """The records that are not blank.

    Raises:
        UnusableTable: a quotation mark is misplaced, or never closed.
    """
    for _ in range(skip):
        text.readline()
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = 0
    try:
        for count, values in enumerate(reader):
            start, line = line + 1, reader.line_num
            if values:
                yield _Record(start + skip, values)
            if count % _ROWS_BETWEEN_REPORTS == 0:
                report()
    except csv.Error as error:
        raise UnusableTable(_explain(error, start=line + 1 + skip, end=reader.line_num + skip)) from None


def _explain(error: csv.Error, *, start: int, end: int) -> str:
    complaint = str(error)
    if "unexpected end of data" in complaint or "field larger" in complaint:
        return f'Line {start:,}: a quotation mark (") is opened there and never closed. Close or remove it.'
    if "expected after" in complaint:
        return (
            f"Line {end:,}: a value in quotation marks goes on after its closing mark. "
            'Write a quotation mark inside such a value twice ("").'
        )
    return f"Line {end:,} cannot be read: {complaint}."


class _Checked:
    """The records with one width, trailing empty columns dropped."""

    def __init__(self, records: Iterator[_Record]) -> None:
        # Spreadsheets write empty rows above a table as delimiters alone.
        records = dropwhile(lambda record: not any(value.strip() for value in record.values), records)
        self._sample = list(islice(records, _SAMPLE_LINES))
        self._records = records
        if not self._sample:
            raise UnusableTable("The file holds only blank lines. Send one with at least one row.")
        first = self._sample[0]
        rest = [record.values for record in self._sample[1:]]
        self.has_header = has_header(first.values, rest)
        self._first_line = first.line
        self.width = self._useful_width(first)
        self.names = name_columns(first.values if self.has_header else None, self.width)

    def _useful_width(self, first: _Record) -> int:
        """Spreadsheets end every line with the delimiters of columns that they left empty."""
        if not self.has_header:
            return len(first.values)
        width = len(first.values)
        while width > 1 and not any(
            record.values[width - 1].strip() for record in self._sample if len(record.values) >= width
        ):
            width -= 1
        return width

    def write(self, path: Path) -> int:
        """Writes the rows as plain UTF-8 CSV without a header; returns their number.

        Raises:
            UnusableTable: a row has too few or too many values, or there is no row.
        """
        rows, first_bad, bad = 0, None, 0
        with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
            write = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow
            for record in self._rows():
                values = record.values if len(record.values) == self.width else self._fit(record.values)
                if values is None:
                    first_bad, bad = first_bad or record, bad + 1
                    continue
                write(values)
                rows += 1
        if first_bad:
            raise UnusableTable(self._complain(first_bad, bad))
        if not rows:
            raise UnusableTable("The file holds a header line and no rows. Send one with at least one row.")
        return rows

    def _rows(self) -> Iterator[_Record]:
        yield from self._sample[1:] if self.has_header else self._sample
        self._sample = []
        yield from self._records

    def _fit(self, values: Sequence[str]) -> list[str] | None:
        """The row without the empty values behind its end; None if it does not fit the header."""
        if len(values) < self.width or any(value.strip() for value in values[self.width :]):
            return None
        return list(values[: self.width])

    def _complain(self, bad: _Record, count: int) -> str:
        got = f"{len(bad.values):,} value{'s' if len(bad.values) != 1 else ''}"
        begins = " | ".join(bad.values)[:60].replace("\n", " ")
        what = "the header" if self.has_header else "the first row"
        more = f" {count - 1:,} more lines have the wrong number of values too." if count > 2 else ""
        more = " One more line has the wrong number of values too." if count == 2 else more
        return (
            f"Line {bad.line:,} has {got} where {what} (line {self._first_line:,}) has {self.width:,}. "
            f"It begins: “{begins}”.{more} Correct the file and send it again."
        )


def _to_parquet(copy: Path, target: Path, width: int) -> None:
    """Streams the checked copy into Parquet and removes it."""
    schema = {f"c{index}": pl.String for index in range(width)}
    pl.scan_csv(copy, has_header=False, schema=schema).sink_parquet(target, statistics=False)
    copy.unlink()


def _remarks(encoding: Encoding, checked: _Checked) -> list[str]:
    remarks = [encoding.remark] if encoding.remark else []
    if not checked.has_header:
        remarks.append("The first line looks like data, so the columns are numbered.")
    return remarks
