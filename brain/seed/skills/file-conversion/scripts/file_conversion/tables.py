"""Tables: read as text, checked, and written in another format."""

import html
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from csv_report.problems import UnusableTable
from csv_report.reading import read_table
from csv_report.workbooks import is_workbook, read_sheets

from file_conversion.formats import Unconvertible

_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?")
_SHEET_ROWS = 1_048_575
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Grid:
    """A table."""

    name: str
    """Of its sheet; empty if it has none."""
    columns: list[str]
    rows: Sequence[Sequence[Any]]
    """Values as they were written: text, or what JSON knew them to be."""


def read_grids(path: Path, source: str, name: str, workspace: Path) -> list[Grid]:
    """The tables in a file; a workbook may hold several.

    Raises:
        Unconvertible: it holds none that can be read.
    """
    try:
        if source == "json":
            return [_from_records(json.loads(_text(path)), name)]
        if source == "jsonl":
            lines = _text(path).splitlines()
            return [_from_records([json.loads(line) for line in lines if line.strip()], name)]
        if source == "xlsx" or is_workbook(path):
            return [
                _grid(sheet.path, sheet.name, workspace, sheet.label)
                for sheet in read_sheets(path, workspace, name=name)
            ]
        return [_grid(path, name, workspace, "")]
    except UnusableTable as problem:
        raise Unconvertible(f"{name}: {problem}") from None
    except json.JSONDecodeError as error:
        raise Unconvertible(f"{name} is no proper JSON: {error}.") from error


def write_grid(grid: Grid, target: str, path: Path) -> None:
    """Writes one table in a format other than Excel."""
    _WRITERS[target](grid, path)


def write_workbook(grids: Sequence[Grid], path: Path) -> None:
    """Writes tables as sheets, with a bold heading that stays in sight.

    Raises:
        Unconvertible: one has more rows than a sheet can hold.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    for number, grid in enumerate(grids, 1):
        if len(grid.rows) > _SHEET_ROWS:
            raise Unconvertible(f"It has {len(grid.rows):,} rows; a sheet holds {_SHEET_ROWS:,}.")
        sheet = book.create_sheet(_sheet_name(grid.name) or f"Sheet {number}")
        sheet.freeze_panes = "A2"
        for index, width in enumerate(_widths(grid)):
            sheet.column_dimensions[_letters(index)].width = width
        heads = [WriteOnlyCell(sheet, value=column) for column in grid.columns]
        for head in heads:
            head.font = Font(bold=True)
            head.data_type = "s"
        sheet.append(heads)
        for row in _typed(grid):
            sheet.append([_cell(sheet, value, WriteOnlyCell) for value in row])
    book.save(path)


def _grid(path: Path, name: str, workspace: Path, label: str) -> Grid:
    table = read_table(path, workspace, name=name)
    columns = [table.column(index) for index in range(len(table.names))]
    table.path.unlink()
    frame = pl.DataFrame({f"c{index}": column for index, column in enumerate(columns)})
    return Grid(label, table.names, [tuple(value or "" for value in row) for row in frame.iter_rows()])


def _from_records(content: Any, name: str) -> Grid:
    """An array of objects, or an object that holds one."""
    if isinstance(content, dict):
        inner = [value for value in content.values() if isinstance(value, list)]
        content = inner[0] if len(inner) == 1 else [content]
    if not isinstance(content, list) or not content or not all(isinstance(one, dict) for one in content):
        raise Unconvertible(f"{name} is not a list of records, so it is no table.")
    columns = list(dict.fromkeys(str(key) for record in content for key in record))
    rows = [[_flat(record.get(column)) for column in columns] for record in content]
    return Grid("", columns, rows)


def _flat(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _typed(grid: Grid) -> list[list[Any]]:
    """Numbers where a whole column is written as such; else as it was."""
    numeric = [_is_numeric([row[index] for row in grid.rows]) for index in range(len(grid.columns))]
    return [
        [_value(value) if number else value for value, number in zip(row, numeric, strict=True)]
        for row in grid.rows
    ]


def _is_numeric(values: Sequence[Any]) -> bool:
    texts = [value for value in values if isinstance(value, str) and value.strip()]
    return bool(texts) and all(_NUMBER.fullmatch(value.strip()) for value in texts)


def _value(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text:
        return None
    return float(text) if "." in text else int(text)


def _cell(sheet: Any, value: Any, make: Callable[..., Any]) -> Any:
    """Text stays text: nothing in a file becomes a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        cell = make(sheet, value=value)
        cell.data_type = "s"
        return cell
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _widths(grid: Grid) -> list[int]:
    sample = grid.rows[:200]
    return [
        min(max(len(column), *(len(str(row[index] or "")) for row in sample), 6) + 2, 60) if sample else 12
        for index, column in enumerate(grid.columns)
    ]


def _letters(index: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(index + 1))


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", name).strip()[:31]


def _delimited(delimiter: str) -> Callable[[Grid, Path], None]:
    def write(grid: Grid, path: Path) -> None:
        import csv

        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
            writer.writerow(grid.columns)
            writer.writerows([_plain(value) for value in row] for row in grid.rows)

    return write


def _plain(value: Any) -> Any:
    return (
        {None: "", True: "true", False: "false"}.get(value, value)
        if isinstance(value, bool | None)
        else value
    )


def _records(grid: Grid) -> list[dict[str, Any]]:
    return [dict(zip(grid.columns, row, strict=True)) for row in _typed(grid)]


def _json(grid: Grid, path: Path) -> None:
    path.write_text(json.dumps(_records(grid), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _jsonl(grid: Grid, path: Path) -> None:
    lines = (json.dumps(record, ensure_ascii=False) for record in _records(grid))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _markdown(grid: Grid, path: Path) -> None:
    def line(values: Sequence[Any]) -> str:
        cells = (re.sub(r"\s+", " ", str(_plain(value))).replace("|", "\\|").strip() for value in values)
        return f"| {' | '.join(cells)} |"

    rule = "|" + "|".join(" --- " for _ in grid.columns) + "|"
    path.write_text("\n".join([line(grid.columns), rule, *map(line, grid.rows), ""]), encoding="utf-8")


def _html(grid: Grid, path: Path) -> None:
    def cells(tag: str, values: Sequence[Any]) -> str:
        return "".join(f"<{tag}>{html.escape(str(_plain(value)))}</{tag}>" for value in values)

    rows = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in grid.rows)
    path.write_text(
        f'<!doctype html>\n<html><head><meta charset="utf-8"><title>Table</title></head><body>\n<table>\n'
        f"<thead><tr>{cells('th', grid.columns)}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n"
        "</body></html>\n",
        encoding="utf-8",
    )


_WRITERS = {
    "csv": _delimited(","),
    "tsv": _delimited("\t"),
    "json": _json,
    "jsonl": _jsonl,
    "md": _markdown,
    "html": _html,
}


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1252", "replace")
