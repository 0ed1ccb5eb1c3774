"""Whether the first line names the columns, and what the columns are called."""

import re
from collections.abc import Sequence
from itertools import pairwise

_LOOKS_LIKE_A_VALUE = re.compile(
    r"[-+(]?[€$£¥]?\s?[\d.,'\s]*\d[\d.,'\s]*\)?\s?[%€$£¥]?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*"
)
_YEAR = re.compile(r"(18|19|20|21)\d\d")


def has_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """True unless the first record looks like one more row.

    It does when one of its values is a number or a date, save for a run of years, which is how tables
    with a column a year are headed, or when it comes again further down.
    """
    cells = [cell.strip() for cell in first]
    if not any(cells) or any(list(row) == list(first) for row in rest):
        return False
    values = [cell for cell in cells if cell and _LOOKS_LIKE_A_VALUE.fullmatch(cell)]
    return not values or (len(values) < len(cells) and _are_years(values))


def _are_years(cells: Sequence[str]) -> bool:
    if len(cells) < 2 or not all(_YEAR.fullmatch(cell) for cell in cells):
        return False
    steps = {int(later) - int(earlier) for earlier, later in pairwise(cells)}
    return len(steps) == 1


def name_columns(first: Sequence[str] | None, width: int) -> list[str]:
    """One unlike name a column; `column 3` for a nameless one, `price (2)` for a repeated one."""
    names: list[str] = []
    taken: set[str] = set()
    for number in range(width):
        given = " ".join(first[number].split()) if first else ""
        name = base = given[:80] or f"column {number + 1}"
        repeat = 1
        while name in taken:
            repeat += 1
            name = f"{base} ({repeat})"
        taken.add(name)
        names.append(name)
    return names
