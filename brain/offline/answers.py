"""What a sentence answers to a worker's question, and which worker's."""

import re
from collections.abc import Sequence

from brain.offline.references import named_in
from brain.rows import TaskRow

_NO = re.compile(
    r"\b(?:no|nope|nah|naw|not|don't|won't|never|reject\w*|declin\w*|refus\w*|veto\w*|deny|denied"
    r"|turn\w* down|too (?:expensive|much|dear))\b",
    re.IGNORECASE,
)
_NO_MATTER = re.compile(
    r"\b(?:no (?:problem|worries|objections?|doubt)|why not|not bad|don't mind)\b", re.IGNORECASE
)
_APPROVES = frozenset(("yes", "no", "approve", "reject", "approved", "rejected"))


def asked_about(sentence: str, rows: Sequence[TaskRow], spoken_of: Sequence[str]) -> list[TaskRow]:
    """Which of the tasks that ask something the sentence answers.

    Args:
        rows: All that ask.
        spoken_of: Numbers of the tasks that the chief spoke of last.
    """
    last = [row for row in rows if str(row.number) in spoken_of]
    offering = [row for row in rows if _option_in(sentence, row)]
    near = offering or named_in(sentence, rows) or last
    return near if near else list(rows)


def answer_of(sentence: str, row: TaskRow) -> str:
    """The option that is named, yes or no to a request for approval, or the person's own words."""
    if option := _option_in(sentence, row):
        return option
    if not asks_for_approval(row):
        return sentence
    return "no" if _NO.search(_NO_MATTER.sub("", sentence)) else "yes"


def asks_for_approval(row: TaskRow) -> bool:
    """Whether it waits for a yes or a no."""
    return _APPROVES.issuperset(option.lower() for option in row.options)


def _option_in(sentence: str, row: TaskRow) -> str | None:
    """The option that is named last: "Hamburg, no, Berlin"."""
    places = {option: sentence.lower().rfind(option.lower()) for option in row.options if len(option) > 3}
    named = [option for option, place in places.items() if place >= 0]
    return max(named, key=places.__getitem__, default=None)
