"""Any table that people export is read exactly; any broken one is refused by the line."""

import csv
import io
from pathlib import Path

import pytest
from csv_report.problems import UnusableTable
from csv_report.reading import Table, read_table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def read(folder: Path, content: bytes, name: str = "table.csv") -> Table:
    path = folder / "input.csv"
    path.write_bytes(content)
    return read_table(path, folder, name=name)


def rows(table: Table) -> list[tuple[str | None, ...]]:
    columns = [table.column(index).to_list() for index in range(len(table.names))]
    return list(zip(*columns, strict=True))


PLAIN = "name,price\nTea,1.5\nCafé,2\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (PLAIN.encode(), "utf-8"),
        (PLAIN.encode("utf-8-sig"), "utf-8"),
        (PLAIN.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + PLAIN.encode("utf-16-be"), "utf-16"),
        (PLAIN.encode("utf-16-le"), "utf-16-le"),
        (PLAIN.encode("utf-32"), "utf-32"),
        (PLAIN.encode("latin-1"), "latin-1"),
        (PLAIN.replace("Tea", "€ Tea").encode("cp1252"), "cp1252"),
    ],
)
def test_every_usual_encoding_is_recognised(tmp_path: Path, content: bytes, encoding: str) -> None:
    table = read(tmp_path, content)

    assert table.encoding == encoding
    assert table.names == ["name", "price"]
    assert rows(table)[1] == ("Café", "2")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_usual_delimiter_and_line_end_is_recognised(
    tmp_path: Path, delimiter: str, line_end: str
) -> None:
    lines = [["name", "price", "note"], ["Tea", "1", "hot"], ["Coffee", "2", "black"]]
    table = read(tmp_path, line_end.join(delimiter.join(line) for line in lines).encode())

    assert table.delimiter == delimiter
    assert rows(table) == [("Tea", "1", "hot"), ("Coffee", "2", "black")]


def test_decimal_commas_do_not_pass_for_delimiters(tmp_path: Path) -> None:
    table = read(tmp_path, b"a;b\n1,5;2,5\n3,5;4,5\n")

    assert (table.delimiter, table.names) == (";", ["a", "b"])


def test_excels_hint_of_the_delimiter_is_obeyed(tmp_path: Path) -> None:
    assert rows(read(tmp_path, b"sep=|\na|b\n1|2\n")) == [("1", "2")]


def test_the_name_tsv_speaks_for_tabs(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,x\tb,y\n1,1\t2,2\n", name="data.TSV")

    assert table.names == ["a,x", "b,y"]


def test_a_quoted_value_may_hold_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    assert rows(read(tmp_path, b'a,b\n"1,""x""\n2",3\n')) == [('1,"x"\n2', "3")]


def test_empty_columns_and_lines_at_the_end_are_dropped(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,b,,\n\n1,2,,\n3,4,,\n\n\n")

    assert table.names == ["a", "b"]
    assert rows(table) == [("1", "2"), ("3", "4")]


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"1,2\n3,4\n", ["column 1", "column 2"]),
        (b"2024-01-01,5\n2024-01-02,6\n", ["column 1", "column 2"]),
        (b"country,2019,2020\nA,1,2\n", ["country", "2019", "2020"]),
        (b"a,a,\n1,2,3\n", ["a", "a (2)", "column 3"]),
        (b"x\nx\ny\n", ["column 1"]),
    ],
)
def test_columns_are_named_by_a_header_or_numbered(tmp_path: Path, content: bytes, names: list[str]) -> None:
    assert read(tmp_path, content).names == names


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "The file is empty"),
        (b" \n\n", "The file is empty"),
        (b",\n", "holds only blank lines"),
        (b"a,b,c\n", "holds a header line and no rows"),
        (b"a,b\n1,2\n3\n", r"Line 3 has 1 value where the header \(line 1\) has 2"),
        (b"a,b\n\n\n1,2\n3,4,5\n", r"Line 5 has 3 values where the header \(line 1\) has 2.*“3 \| 4 \| 5”"),
        (b'a,b\n"x\ny",2\n3\n', "Line 4 has 1 value"),
        (b"a,b\n1\n2\n3\n", r"Line 2 has 1 value .* 2 more lines have the wrong number"),
        (b"a,b\n1\n2,3\n4\n", "One more line has the wrong number"),
        (b'a,b\n1,2\n3,"4\n5,6\n', r'Line 3: a quotation mark \("\) is opened there and never closed'),
        (b'a,b\n"1"2,3\n', "Line 2: a value in quotation marks goes on after its closing mark"),
        (b"PK\x03\x04rest", "an Excel workbook or a ZIP archive, not a CSV file"),
        (b"%PDF-1.7", "a PDF document, not a CSV"),
        (b"\x00\x01\x02\x03\xff" * 50, "binary data"),
    ],
)
def test_a_broken_file_is_refused_with_its_place_and_reason(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    with pytest.raises(UnusableTable, match=complaint):
        read(tmp_path, content)


def test_stray_bytes_in_utf8_are_shown_and_remarked_on(tmp_path: Path) -> None:
    table = read(tmp_path, ("name,x\n" + "Zoë,1\n" * 20).encode() + b"\xff,2\n")

    assert rows(table)[-1] == ("�", "2")
    assert table.remarks == ["1 byte is no valid UTF-8 and shown as �."]


def test_a_table_of_two_thousand_columns_is_read(tmp_path: Path) -> None:
    head = ",".join(f"c{number}" for number in range(2000))
    table = read(tmp_path, f"{head}\n{','.join('1' * 2000)}\n".encode())

    assert len(table.names) == 2000


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6)
    ),
    delimiter=st.sampled_from(",;\t|"),
)
def test_what_a_spreadsheet_writes_is_read_back_exactly(
    tmp_path: Path, body: list[list[str]], delimiter: str
) -> None:
    # Named columns and a first value of known width leave no doubt about header and delimiter.
    names = [f"column {letter}" for letter in "abcde"[: len(body[0])]]
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([names, *body])

    table = read(tmp_path, file.getvalue().encode())

    assert table.names == names
    assert [[cell or "" for cell in row] for row in rows(table)] == body


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(st.binary(max_size=200), st.text(alphabet='a1,;\t"\n\r', max_size=60).map(str.encode))
)
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    try:
        table = read(tmp_path, content)
    except UnusableTable:
        return
    assert table.rows > 0
    assert len(table.column(0)) == table.rows
