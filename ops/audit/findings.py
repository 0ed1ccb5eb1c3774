"""A finding, and how it is held against what is known."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.audit.exceptions import Known

_REASONED = re.compile(r"#\s*(?:ruff:\s*)?noqa:[^#\n]*\b(S\d{3})\b")
_WHOLE_FILE = re.compile(r"^#\s*ruff:\s*noqa:[^\n]*\b(S\d{3})\b", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """Something that a program has found."""

    file: str
    lines: tuple[int, int]
    """First and last, from 1."""
    kind: str
    says: str

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.file}:{self.lines[0]}: {self.kind} {self.says}"


def unknown(found: Sequence[Finding], known: Sequence[Known]) -> list[str]:
    """What is found and not known, and what is known and not found any more; one line each."""
    named = {(one.file, one.kind) for one in known}
    there = {(one.file, one.kind) for one in found}
    new = [str(one) for one in found if (one.file, one.kind) not in named]
    gone = [
        f"{one.file}: {one.kind} is not found any more" for one in known if (one.file, one.kind) not in there
    ]
    return [*new, *gone]


def reasoned(found: Finding, root: Path) -> bool:
    """Whether a `# noqa` of the same check stands beside it, which ruff holds to be needed."""
    text = (root / found.file).read_text(encoding="utf-8")
    code = f"S{found.kind[1:]}"
    if code in _WHOLE_FILE.findall(text):
        return True
    first, last = found.lines
    # A string's comment stands behind its closing quotes, up to two lines below.
    beside = "\n".join(text.splitlines()[first - 1 : last + 2])
    return code in _REASONED.findall(beside)
