"""A tool that is missing: thirty temperatures in a format of nobody's, and the code that reads them."""

from brain.seed.making import Draft

NAME = "convert-readings"
ABOUT = (
    "Converts temperature readings such as `S01@06:00=>71F4` (Fahrenheit, tenths behind the F) into Celsius."
)
READINGS = "\n".join(f"S{n:02}@{6 + n % 12:02}:00=>{60 + n}F{n % 10}" for n in range(1, 31))
"""30 lines; the first is 61.1 °F, which is 16.2 °C."""

_TOOL = '''"""Readings of the form S01@06:00=>71F4."""

import csv
import re

_LINE = re.compile(r"(S\\d+)@(\\d\\d:\\d\\d)=>(-?\\d+)F(\\d)")


def run(file: str, into: str = "readings.csv") -> dict:
    """Reads a file of readings and writes a table in Celsius.

    Args:
        file: Where the readings are.
        into: The table to write.
    """
    rows = []
    for line in open(file):
        sensor, time, whole, tenth = _LINE.match(line).groups()
        rows.append((sensor, time, round((int(whole) + int(tenth) / 10 - 32) {operator} 9, 1)))
    with open(into, "w", newline="") as out:
        csv.writer(out).writerows([("sensor", "time", "celsius"), *rows])
    return {{"readings": len(rows), "file": into}}
'''
WRONG, RIGHT = _TOOL.format(operator="* 6 /"), _TOOL.format(operator="* 5 /")
TESTS = """from tool import run


def test_a_reading_becomes_celsius(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.txt").write_text("S01@06:00=>71F6\\n")
    assert run("in.txt") == {"readings": 1, "file": "readings.csv"}
    assert (tmp_path / "readings.csv").read_text().splitlines()[1] == "S01,06:00,22.0"
"""


def a_draft(tool: str = RIGHT, *, name: str = NAME, tests: str = TESTS) -> Draft:
    """The tool as a model might write it."""
    return Draft(name, ABOUT, tool, tests)
