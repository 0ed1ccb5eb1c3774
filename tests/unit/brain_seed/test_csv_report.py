"""Tables become findings, a chart and a report."""

import datetime as dt
import json
import math
import struct
from pathlib import Path
from typing import Any

import pytest
from csv_report.canvas import spread_labels
from csv_report.findings import find, strongest_correlation
from csv_report.job import run
from csv_report.profiling import profile
from csv_report.reading import read_table
from csv_report.wording import number, percent


def report(folder: Path, *files: tuple[str, str | bytes]) -> dict[str, Any]:
    """Runs the skill as a child process would, and gives its result."""
    inputs = []
    for place, (name, content) in enumerate(files):
        path = folder / f"in-{place}.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        inputs.append({"name": name, "path": str(path), "media_type": "text/csv"})
    task = {"title": "Analyse it", "description": ""}
    (folder / "job.json").write_text(json.dumps({"task": task, "inputs": inputs}))
    run(folder)
    result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return result


def findings(folder: Path, content: str) -> list[str]:
    path = folder / "in.csv"
    path.write_text(content)
    table = read_table(path, folder)
    columns = profile(table)
    return find(table, columns, strongest_correlation(table, columns))


def size_of(png: Path) -> tuple[int, int]:
    content = png.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def monthly_sales() -> str:
    lines = ["date,region,units,revenue,email"]
    for day in range(366):
        date = dt.date(2024, 1, 1) + dt.timedelta(days=day)
        region = ("North", "North", "South")[day % 3]
        units = 100 + (900 if date.month == 5 else 0) + day % 7
        lines.append(f"{date},{region},{units},{units * 3},{'' if day % 4 else 'x@example.org'}")
    return "\n".join(lines)


def test_a_report_has_every_column_and_real_numbers(tmp_path: Path) -> None:
    result = report(tmp_path, ("sales.csv", monthly_sales()))

    text = (tmp_path / "report.md").read_text()
    assert "366 rows and 5 columns, comma-separated, utf-8." in text
    assert "| units | 0 | 14 | 100 |" in text
    assert "| date | 1 January 2024 | 31 December 2024 | 0 | 366 |" in text
    assert "| region | North (244), South (122) | 0 | 2 |" in text
    assert "![Revenue over time.](chart.png)" in text
    assert result["summary"].startswith(
        "sales.csv has 366 rows and 5 columns, 1 January 2024 to 31 December 2024. Revenue is highest on "
    )
    assert [output["name"] for output in result["outputs"]] == ["report.md", "chart.png"]


def test_findings_tell_trend_share_and_gaps(tmp_path: Path) -> None:
    told = findings(tmp_path, monthly_sales())

    assert told[0].startswith("Revenue is highest on ")
    assert "North has the largest share of revenue by region: 67 %" in told[1]
    assert told[2] == "Units and revenue rise together, almost in step (correlation 1.00)."
    assert told[3] == "Email is missing in 274 of 366 rows (75 %)."


def test_many_rows_a_day_are_gathered_into_months(tmp_path: Path) -> None:
    body = monthly_sales().splitlines()
    told = findings(tmp_path, "\n".join([body[0], *body[1:], *body[1:]]))

    assert told[0].startswith("Revenue peaks in May 2024 (")


def test_a_value_far_from_the_rest_is_told(tmp_path: Path) -> None:
    told = findings(
        tmp_path, "height\n" + "\n".join(str(170 + place % 9) for place in range(60)) + "\n1700\n"
    )

    assert "1 value of height lies far from the rest: the largest is 1,700, the median 174." in told


def test_repeated_rows_and_strays_are_told(tmp_path: Path) -> None:
    table = (
        "item,stock\n" + "".join(f"thing {place % 30},{place % 30}\n" for place in range(60)) + "x,unknown\n"
    )
    told = findings(tmp_path, table)

    assert "30 rows repeat an earlier row exactly." in told
    assert any("Stock has 1 value that is no number, such as “unknown”" in finding for finding in told)


def test_a_table_without_peculiarities_says_so(tmp_path: Path) -> None:
    assert findings(tmp_path, "a,b\nx,y\nz,w\n") == [
        "Nothing stands out: no value is missing, and none lies far from the rest."
    ]


CHARTS = {
    "a number over time": (
        "day,temp\n" + "".join(f"2024-01-{d:02},{d}\n" for d in range(1, 31)),
        "Temp over time.",
    ),
    "one line a group": (
        "day,city,temp\n"
        + "".join(
            f"2024-01-{d:02},{c},{d + n}\n" for d in range(1, 31) for n, c in enumerate(["Rome", "Oslo"])
        ),
        "Temp over time by city.",
    ),
    "a number by group": ("team,score\n" + "red,5\nblue,7\n" * 10, "Score by team."),
    "a number by name": ("country,population\nA,5\nB,7\nC,9\n", "Population by country."),
    "a number by row": ("a\n5\n7\n-9\n", "A by row."),
    "two numbers together": (
        "sqm,price\n" + "".join(f"{n}.5,{n * 3 + n % 5}\n" for n in range(10, 60)),
        "Price against sqm.",
    ),
    "distributions": (
        "a,b\n" + "".join(f"{math.sin(n) * 50:.2f},{n * 37 % 11}\n" for n in range(80)),
        "How a and b are distributed.",
    ),
    "rows by group": (
        "status,note\n" + "".join(f"{'open' if n % 3 else 'shut'},t{n}\n" for n in range(30)),
        "Rows by status.",
    ),
    "how full": ("name,note\n" + "".join(f"n{n},\n" for n in range(30)), "How complete each column is."),
    "one value": ("a\n5\n", "How complete each column is."),
    "dollars and braces": ("$x_{1}$,$y$\n" + "a,1\nb,2\n" * 9, "$y$ by $x {1}$."),
    "another script": ("国,人口\n日本,5\n中国,7\n", "人口 by 国."),
    "extremes": ("x\n" + "".join(f"{10.0**n}\n" for n in range(-20, 20)), "How x is distributed."),
}


@pytest.mark.parametrize("case", CHARTS)
def test_the_chart_suits_the_data(tmp_path: Path, case: str) -> None:
    content, caption = CHARTS[case]
    report(tmp_path, ("data.csv", content))

    assert size_of(tmp_path / "chart.png") == (1600, 928)
    assert f"![{caption}]" in (tmp_path / "report.md").read_text().replace("\\", "")


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    report(tmp_path, ("sales.csv", monthly_sales()))
    first = (tmp_path / "report.md").read_bytes(), (tmp_path / "chart.png").read_bytes()
    report(tmp_path, ("sales.csv", monthly_sales()))

    assert ((tmp_path / "report.md").read_bytes(), (tmp_path / "chart.png").read_bytes()) == first


def test_two_files_get_a_report_each(tmp_path: Path) -> None:
    result = report(tmp_path, ("Q1 sales.csv", "a,b\nx,1\n"), ("q2.csv", "a,b\nx,2\n"))

    assert [output["name"] for output in result["outputs"]] == [
        "1-q1-sales-report.md",
        "1-q1-sales-chart.png",
        "2-q2-report.md",
        "2-q2-chart.png",
    ]
    assert "q2.csv has 1 row and 2 columns" in result["summary"]


def test_a_broken_file_is_named_in_the_error(tmp_path: Path) -> None:
    result = report(tmp_path, ("good.csv", "a,b\n1,2\n"), ("bad.csv", "a,b\n1\n"))

    assert result["error"].startswith("bad.csv: Line 2 has 1 value where the header (line 1) has 2.")
    assert result["retryable"] is False


def test_a_hundred_of_very_many_columns_are_described(tmp_path: Path) -> None:
    head = ",".join(f"c{place}" for place in range(300))
    body = "\n".join(",".join(str(place + row) for place in range(300)) for row in range(12))
    report(tmp_path, ("wide.csv", f"{head}\n{body}\n"))
    text = (tmp_path / "report.md").read_text()

    assert "12 rows and 300 columns" in text
    assert "Only the first 100 of 300 columns are described." in text
    assert len(text) < 20_000


def test_nothing_in_a_file_becomes_markup(tmp_path: Path) -> None:
    report(tmp_path, ("<b>.csv", "[x](http://evil),`y`|z\n<script>alert(1)</script>,![i](u)\nb,c\n"))
    text = (tmp_path / "report.md").read_text()

    assert "<script" not in text
    assert "\\[x\\](http://evil)" in text


def test_numbers_are_worded_for_people() -> None:
    assert [number(value) for value in (0, 0.01234, 12.34, 123.4, 1234.5, 83e6, 1.25e9)] == [
        *("0", "0.0123", "12.3", "123.4", "1,234", "83 million", "1.25 billion")
    ]
    assert number(-5, "€") == "-€5"
    assert [percent(share) for share in (0.001, 0.234, 0.999, 1)] == [
        "under 1 %",
        "23 %",
        "over 99 %",
        "100 %",
    ]


def test_labels_that_would_overlap_are_moved_apart() -> None:
    moved = spread_labels([1.0, 1.1, 5.0], 1.0)

    assert moved[1] - moved[0] == pytest.approx(1.0)
    assert moved[2] == 5.0
