"""From `job.json` to `result.json`: one value for each expression."""

import json
from pathlib import Path
from typing import Any

from calculation.phrases import read
from calculation.values import NoValue, compute

_MOST_LINES = 100
_HELP = "Write it like “42 km in miles”, “19% of 250” or “12 * (3 + 4)”."


def run(workspace: Path) -> None:
    """Does the job in `workspace`, and answers there."""
    job = json.loads((workspace / "job.json").read_bytes())
    (workspace / "result.json").write_text(json.dumps(answer(**job["task"])))


def answer(title: str, description: str) -> dict[str, Any]:
    """The value of the title or, if that holds no number, of the description's lines."""
    has_number = any(char.isdigit() for char in title)
    lines = [title] if has_number else [line for line in description.splitlines() if line.strip()]
    try:
        return {"summary": "\n".join(_solved(line) for line in lines[:_MOST_LINES] or [title]), "outputs": []}
    except NoValue as problem:
        return {"error": f"{problem} {_HELP}", "retryable": False}


def _solved(line: str) -> str:
    asked = read(line)
    return f"{asked.shown} = {compute(asked)}"
