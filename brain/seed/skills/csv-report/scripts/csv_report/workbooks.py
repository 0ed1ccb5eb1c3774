"""Excel workbooks: every sheet that holds something becomes a CSV file, which is then read as any other."""

import csv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import fastexcel

from csv_report.problems import UnusableTable

_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MOST_BYTES = 1 << 30
"""Of a workbook, unpacked: it is an archive, and a small one may hold far too much."""
_MOST_SHEETS = 20
_MIDNIGHT = (" 00:00:00", "T00:00:00")


@dataclass(frozen=True)
class Sheet:
    """One sheet as a CSV file."""

    path: Path
    name: str
    """For the reader: `sales.xlsx, sheet “May”`."""
    label: str
    """The sheet's own name; empty if there is only one."""


def is_workbook(path: Path) -> bool:
    """Whether the file is Excel's, old or new, by its first bytes."""
    with path.open("rb") as file:
        return file.read(4) in (_ZIP, _OLD)


def read_sheets(path: Path, workspace: Path, *, name: str) -> list[Sheet]:
    """Copies the sheets into CSV files.

    Args:
        path: The workbook.
        workspace: Where the copies go.
        name: What the person calls it.

    Raises:
        UnusableTable: it is no workbook, is too large, or is empty.
    """
    import fastexcel

    _check_size(path)
    try:
        book = fastexcel.read_excel(path)
        names = book.sheet_names[:_MOST_SHEETS]
        found = [(label, _rows(book, label)) for label in names]
    except fastexcel.FastExcelError as error:
        raise UnusableTable(
            "It is no Excel workbook that can be read; it may be damaged or locked."
        ) from error
    filled = [(label, rows) for label, rows in found if rows]
    if not filled:
        raise UnusableTable("Its sheets are empty.")
    sheets = []
    for number, (label, rows) in enumerate(filled):
        copy = workspace / f"{path.stem}.sheet-{number}.csv"
        with copy.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
        several = len(filled) > 1
        sheets.append(Sheet(copy, f"{name}, sheet “{label}”" if several else name, label if several else ""))
    return sheets


def _check_size(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
            raise UnusableTable("Unpacked, it is larger than 1 GB. Save the sheet that matters as CSV.")


def _rows(book: "fastexcel.ExcelReader", label: str) -> list[list[str]]:
    """The cells that hold something, as text; empty rows and columns around them are left out."""
    sheet = book.load_sheet(label, header_row=None, dtypes="string")
    rows = [[_cell(value) for value in row] for row in sheet.to_polars().iter_rows()]
    rows = [row for row in rows if any(row)]
    used = [index for index in range(max(map(len, rows), default=0)) if any(row[index] for row in rows)]
    return [[row[index] for index in used] for row in rows]


def _cell(value: str | None) -> str:
    text = (value or "").strip()
    for midnight in _MIDNIGHT:
        text = text.removesuffix(midnight)
    return text
