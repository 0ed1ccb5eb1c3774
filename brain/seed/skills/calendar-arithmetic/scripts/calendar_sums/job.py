"""From `job.json` to `result.json`: one answer for each question."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from calendar_sums.answers import answer
from calendar_sums.dates import NoDate
from calendar_sums.questions import read_question

_MOST_LINES = 50
_HELP = (
    "Ask like “how many days until 24 December”, “90 days after 1 March 2027”, "
    "“working days between 1 June and 15 July” or “which weekday is 2027-01-01”."
)


def run(workspace: Path) -> None:
    """Does the job in `workspace`, and answers there."""
    job = json.loads((workspace / "job.json").read_bytes())
    result = reply(**job["task"], today=dt.datetime.now(dt.UTC).date())
    (workspace / "result.json").write_text(json.dumps(result))


def reply(title: str, description: str, today: dt.date) -> dict[str, Any]:
    """The answer to the title, else to each line of the description."""
    lines = [title] if read_question(title) else [line for line in description.splitlines() if line.strip()]
    try:
        return {
            "summary": "\n".join(_answered(line, today) for line in lines[:_MOST_LINES] or [title]),
            "outputs": [],
        }
    except NoDate as problem:
        return {"error": f"{problem} {_HELP}", "retryable": False}


def _answered(line: str, today: dt.date) -> str:
    question = read_question(line)
    if question is None:
        raise NoDate(f"I do not understand “{line[:100]}” as a question about dates.")
    return answer(question, today)
