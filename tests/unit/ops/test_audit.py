"""The audit: what is known passes, what is new does not, and what is known for nothing does not either."""

from pathlib import Path

from ops.audit.exceptions import Known
from ops.audit.findings import Finding, reasoned, unknown


def a_finding(file: str = "a.py", kind: str = "B608", lines: tuple[int, int] = (1, 1)) -> Finding:
    return Finding(file, lines, kind, "looks dangerous")


def test_what_nobody_knows_of_is_told_with_its_place() -> None:
    assert unknown([a_finding(lines=(7, 9))], []) == ["a.py:7: B608 looks dangerous"]


def test_what_is_known_passes_in_its_own_file_only() -> None:
    known = [Known("a.py", "B608", "made of constants")]
    assert unknown([a_finding()], known) == []
    assert unknown([a_finding(), a_finding("b.py")], known) == ["b.py:1: B608 looks dangerous"]


def test_an_exception_that_nothing_needs_is_told() -> None:
    known = [Known("a.py", "B608", "made of constants")]
    assert unknown([], known) == ["a.py: B608 is not found any more"]


def test_a_reason_for_ruff_counts_beside_the_line_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        'x = f"""SELECT\n{y}\n"""  # noqa: S608 - constants\n\n\n\nz = f"SELECT {y}"\n'
    )
    assert reasoned(a_finding(lines=(1, 2)), tmp_path)
    assert not reasoned(a_finding(lines=(7, 7)), tmp_path)
    assert not reasoned(a_finding(kind="B101", lines=(1, 2)), tmp_path)


def test_a_reason_may_stand_for_a_whole_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("# ruff: noqa: S608 - constants\n\n\n\n\nz = 1\n")
    assert reasoned(a_finding(lines=(6, 6)), tmp_path)
