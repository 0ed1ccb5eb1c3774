"""Files in another format: nothing is lost, nothing becomes a formula, and what cannot be is said."""

import datetime as dt
import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from csv_report.job import run as report
from file_conversion.formats import Unconvertible, wanted_format
from file_conversion.job import convert_all
from PIL import Image

CSV = "Datum;Betrag;PLZ;Formel\n2026-01-01;12.50;01234;=1+1\n2026-01-02;7;99999;\n"


def converted(folder: Path, name: str, title: str, content: str | None = None) -> list[Path]:
    """The files that came of one."""
    if content is not None:
        (folder / name).write_text(content, encoding="utf-8")
    given = {"name": name, "path": str(folder / name), "media_type": ""}
    outputs = convert_all([given], folder, title, "")["outputs"]
    return [folder / one["path"] for one in outputs]


def a_workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "May"
    sheet.append([None, "Date", "Amount", "Code"])
    for day in range(1, 13):
        sheet.append([None, dt.date(2026, 5, day), 12.5 * day, f"00{day}"])
    second = book.create_sheet("June")
    second.append(["a", "b"])
    second.append([1, "x"])
    book.create_sheet("Empty")
    book.save(path)


def test_csv_becomes_excel_with_numbers_as_numbers_and_codes_as_text(tmp_path: Path) -> None:
    (made,) = converted(tmp_path, "sales.csv", "Convert to Excel", CSV)
    sheet = openpyxl.load_workbook(made).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert made.name == "sales.xlsx"
    assert rows[1] == ["2026-01-01", 12.5, "01234", "=1+1"]
    assert sheet["D2"].data_type == "s", "a text that begins with = is no formula"
    assert sheet.freeze_panes == "A2"


def test_csv_becomes_json_and_comes_back(tmp_path: Path) -> None:
    (made,) = converted(tmp_path, "n.csv", "as JSON: convert to json", "a,b,c\n1,2.50,007\n-3,,x\n")
    assert json.loads(made.read_text()) == [{"a": 1, "b": 2.5, "c": "007"}, {"a": -3, "b": None, "c": "x"}]
    (tmp_path / "n.json").write_text(made.read_text())
    (back,) = converted(tmp_path, "n.json", "turn it into csv")

    assert back.read_text() == "a,b,c\n1,2.5,007\n-3,,x\n"


def test_every_sheet_of_a_workbook_becomes_a_file(tmp_path: Path) -> None:
    a_workbook(tmp_path / "book.xlsx")
    may, june = converted(tmp_path, "book.xlsx", "export as csv")

    assert (may.name, june.name) == ("book-May.csv", "book-June.csv")
    assert may.read_text().splitlines()[:2] == ["Date,Amount,Code", "2026-05-01,12.5,001"]


def test_a_workbook_is_reported_on_sheet_by_sheet(tmp_path: Path) -> None:
    a_workbook(tmp_path / "book.xlsx")
    given = {"name": "book.xlsx", "path": str(tmp_path / "book.xlsx"), "media_type": ""}
    job: dict[str, Any] = {"task": {"title": "", "description": ""}, "inputs": [given]}
    (tmp_path / "job.json").write_text(json.dumps(job))
    report(tmp_path)
    result = json.loads((tmp_path / "result.json").read_text())

    assert [one["name"] for one in result["outputs"]] == [
        *("1-may-report.md", "1-may-chart.png", "2-june-report.md", "2-june-chart.png")
    ]
    text = (tmp_path / "1-may-report.md").read_text()
    assert text.startswith("# book.xlsx, sheet “May”\n\n12 rows and 3 columns, from an Excel workbook.")
    assert "| Amount |" in text
    assert "1 May 2026" in text


@pytest.mark.parametrize("target", ["Markdown", "HTML"])
def test_a_table_can_be_shown(tmp_path: Path, target: str) -> None:
    (made,) = converted(tmp_path, "t.csv", f"convert to {target}", "a,b\n<i>x</i>,1|2\n3,4\n")
    text = made.read_text()

    assert ("1\\|2" if target == "Markdown" else "&lt;i&gt;x&lt;/i&gt;") in text


def test_markdown_becomes_a_page_without_foreign_markup_and_back(tmp_path: Path) -> None:
    source = "# Title\n\nHello **bold** and [link](https://x.org)\n\n- a\n- b\n\n<script>alert(1)</script>\n"
    (page,) = converted(tmp_path, "d.md", "to html", source)
    assert "<strong>bold</strong>" in page.read_text()
    assert "<script>" not in page.read_text()
    (tmp_path / "d.html").write_text(page.read_text())
    (back,) = converted(tmp_path, "d.html", "to markdown")

    assert back.read_text().startswith("# Title\n\nHello **bold** and [link](https://x.org)\n\n- a\n- b")


@pytest.mark.parametrize("target", ["jpg", "webp", "gif", "bmp", "tiff"])
def test_a_picture_becomes_another_and_what_was_see_through_white(tmp_path: Path, target: str) -> None:
    Image.new("RGBA", (40, 30), (255, 0, 0, 0)).save(tmp_path / "p.png")
    (made,) = converted(tmp_path, "p.png", f"to {target}")
    with Image.open(made) as picture:
        assert picture.size == (40, 30)
        if target in ("jpg", "bmp"):
            assert picture.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_a_picture_forgets_where_it_was_taken(tmp_path: Path) -> None:
    picture = Image.new("RGB", (40, 30))
    exif = picture.getexif()
    exif[0x010F] = "Camera of Ann"
    picture.save(tmp_path / "p.jpg", exif=exif)
    (made,) = converted(tmp_path, "p.jpg", "to png")

    assert b"Ann" not in made.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "title", "complaint"),
    [
        ("p.png", "xx", "to jpg", "no picture that I can read"),
        ("p.png", "xx", "to csv", "cannot be turned into csv. It can become: jpg"),
        ("n.csv", "a,b\n1,2\n3\n", "to json", "n.csv: Line 3 has 1 value"),
        ("n.csv", "a\n1\n", "to csv", "in this format already"),
        ("n.csv", "a\n1\n", "convert it", "Say which format you want"),
        ("n.json", "{", "to csv", "n.json is no proper JSON"),
        ("n.json", "[1, 2]", "to csv", "not a list of records"),
        ("n.xlsx", "PK\x03\x04", "to csv", "no Excel workbook that can be read"),
        ("n.exe", "x", "to csv", "cannot read the format of n.exe"),
    ],
)
def test_what_cannot_be_converted_is_explained(
    tmp_path: Path, name: str, content: str, title: str, complaint: str
) -> None:
    with pytest.raises(Unconvertible, match=complaint):
        converted(tmp_path, name, title, content)


def test_a_workbook_that_unpacks_to_far_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csv_report.workbooks._MOST_BYTES", 1 << 20)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(2 << 20))
    with pytest.raises(Unconvertible, match="larger than 1 GB"):
        converted(tmp_path, "bomb.xlsx", "to csv")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("Convert sales.csv to Excel", "xlsx"),
        ("turn the csv into a proper JSON", "json"),
        ("as JSON lines", "jsonl"),
        ("Convert to .md", "md"),
        ("Convert it", None),
    ],
)
def test_the_format_is_read_from_the_words(text: str, target: str | None) -> None:
    assert wanted_format(text) == target
