"""From `job.json` to `result.json`: one report and one chart for each input."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from csv_report.findings import find, strongest_correlation
from csv_report.problems import UnusableTable
from csv_report.profiling import profile
from csv_report.reading import read_table
from csv_report.report import summarise, write_report
from csv_report.workbooks import is_workbook, read_sheets

Say = Callable[[float, str], None]


@dataclass(frozen=True)
class Reported:
    """What came of one input: the sentence for the chat and the names of the files."""

    summary: str
    report: str
    chart: str


def run(workspace: Path) -> None:
    """Does the job in `workspace`, and answers there."""
    job = json.loads((workspace / "job.json").read_bytes())
    try:
        result = _report_all(_tables(job["inputs"], workspace), workspace)
    except UnusableTable as problem:
        result = {"error": str(problem), "retryable": False}
    (workspace / "result.json").write_text(json.dumps(result))


def _tables(inputs: list[dict[str, str]], workspace: Path) -> list[dict[str, str]]:
    """The inputs, with every sheet of a workbook as one of them."""
    tables = []
    for given in inputs:
        if not is_workbook(Path(given["path"])):
            tables.append(given)
            continue
        try:
            sheets = read_sheets(Path(given["path"]), workspace, name=given["name"])
        except UnusableTable as problem:
            raise UnusableTable(f"{given['name']}: {problem}") from None
        tables += [{"name": sheet.name, "path": str(sheet.path), "label": sheet.label} for sheet in sheets]
    return tables


def _report_all(inputs: list[dict[str, str]], workspace: Path) -> dict[str, Any]:
    done = []
    for place, given in enumerate(inputs):
        called = given.get("label") or Path(given["name"]).stem
        stem = "" if len(inputs) == 1 else f"{place + 1}-{_file_stem(called)}-"

        def say(share: float, note: str, before: int = place) -> None:
            _print_progress((before + share) / len(inputs), note)

        try:
            path, is_sheet = Path(given["path"]), "label" in given
            done.append(report_on(path, given["name"], workspace, stem=stem, say=say, is_sheet=is_sheet))
        except UnusableTable as problem:
            raise UnusableTable(f"{given['name']}: {problem}") from None
    outputs = []
    for reported in done:
        outputs.append({"name": reported.report, "path": reported.report, "media_type": "text/markdown"})
        outputs.append({"name": reported.chart, "path": reported.chart, "media_type": "image/png"})
    return {"summary": "\n".join(reported.summary for reported in done), "outputs": outputs}


def report_on(
    path: Path, name: str, workspace: Path, *, stem: str, say: Say, is_sheet: bool = False
) -> Reported:
    """Writes `{stem}report.md` and `{stem}chart.png` into the workspace.

    Raises:
        UnusableTable: the file holds no table that can be read.
    """
    say(0.0, f"Reading {name}")
    table = read_table(path, workspace, name=name, report=lambda share: say(0.5 * share, f"Reading {name}"))
    table = replace(table, in_workbook=is_sheet)
    note = f"Describing {len(table.names):,} columns of {table.rows:,} rows"
    columns = profile(table, report=lambda share: say(0.5 + 0.3 * share, note))
    say(0.8, "Looking for what stands out")
    strongest = strongest_correlation(table, columns)
    findings = find(table, columns, strongest)
    say(0.9, "Drawing the chart")
    from csv_report.charts import draw_chart  # the library takes long to load, and a broken table needs none

    chart = draw_chart(table, columns, strongest, source=name, path=workspace / f"{stem}chart.png")
    report = workspace / f"{stem}report.md"
    report.write_text(write_report(table, columns, findings, chart, source=name), encoding="utf-8")
    table.path.unlink()
    return Reported(summarise(table, columns, findings, source=name), report.name, chart.path.name)


def _print_progress(share: float, note: str) -> None:
    print(json.dumps({"progress": round(min(share, 1.0), 3), "note": note[:200]}), flush=True)  # noqa: T201  (the protocol)


def _file_stem(name: str) -> str:
    safe = "".join(char if char.isalnum() else "-" for char in name.lower())
    return safe.strip("-")[:40] or "table"
