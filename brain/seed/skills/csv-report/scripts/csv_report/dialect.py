"""Which character separates the values of a table."""

import csv
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

DELIMITERS = (",", ";", "\t", "|")
_SHARE_OF_A_TABLE = 0.5


def detect_delimiter(lines: Sequence[str], *, prefer: str | None = None) -> str:
    """The delimiter under which the sampled lines agree best on their number of values.

    Args:
        lines: The beginning of the file, each with its line ending; a hundred are plenty.
        prefer: What the file's name promises (a tab for `.tsv`); wins where the lines agree with it.
    """
    scores = {delimiter: _agreement(lines, delimiter) for delimiter in DELIMITERS}
    if prefer and scores[prefer].share > _SHARE_OF_A_TABLE:
        return prefer
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best].share > _SHARE_OF_A_TABLE else ","


class _Agreement(NamedTuple):
    """Compared in this order: a decimal comma splits every row but not the header."""

    header_agrees: bool
    share: float
    width: int


def _agreement(lines: Sequence[str], delimiter: str) -> _Agreement:
    """How many of the records share the commonest width; nothing for one lone column."""
    widths = [len(record) for record in csv.reader(lines, delimiter=delimiter) if record]
    if not widths:
        return _Agreement(False, 0.0, 0)
    width, count = Counter(widths).most_common(1)[0]
    if width == 1:
        return _Agreement(False, 0.0, 0)
    return _Agreement(widths[0] == width, count / len(widths), width)
