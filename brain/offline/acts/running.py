"""The house as a whole: the emergency stop, and money."""

import re
from typing import Any

from brain.offline import phrases, wording
from brain.offline.dialogue import Call, Move, Speech
from brain.offline.goals import Goal, act, failed, told

_AMOUNT = re.compile(
    r"(?P<sign>[$€£])?\s*(?P<number>\d+(?:[.,]\d+)?)\s*(?P<thousand>k\b|thousand\b)?\s*"
    r"(?P<unit>dollars?|bucks|usd|euros?|eur|pounds?|francs?|[$€£]|tokens?|seconds?|minutes?|hours?)?",
    re.IGNORECASE,
)
_TENS = {
    word: 10 * at
    for at, word in enumerate(
        ("ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=1
    )
} | {"five": 5, "fifteen": 15, "twenty five": 25}
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_WORDS = {
    **{f"{count} hundred": str(100 * number) for count, number in _COUNTS.items()},
    **{f"{count} thousand": str(1000 * number) for count, number in _COUNTS.items()},
    **{word: str(number) for word, number in sorted(_TENS.items(), key=lambda pair: -len(pair[0]))},
}
_PERIODS = (
    ("month", r"month|monthly"),
    ("total", r"in total|total|overall|altogether|once|for everything"),
    ("day", r"day|daily|today"),
)
_PROJECT = re.compile(
    r"\b(?:for|on|of) (?:the )?(?:project (?P<after>[\w -]+)|(?P<before>[\w -]+) project)", re.IGNORECASE
)


def pause_all(goal: Goal) -> Move:
    got = act(goal, "pause_all", {})
    return got if isinstance(got, Call) else Speech(told(got) or phrases.PAUSED)


def resume_all(goal: Goal) -> Move:
    got = act(goal, "resume_all", {})
    return got if isinstance(got, Call) else Speech(told(got) or phrases.RESUMED)


def budget_show(goal: Goal) -> Move:
    got = act(goal, "budget", {})
    if isinstance(got, Call):
        return got
    return Speech(wording.budgets(got.budgets) if got.budgets is not None else failed(got))


def budget_set(goal: Goal) -> Move:
    arguments = _limit(goal.said.text)
    if arguments is None:
        return Speech(phrases.ASK_AMOUNT)
    got = act(goal, "budget", arguments)
    if isinstance(got, Call):
        return got
    return Speech(told(got) or wording.budgets(got.budgets or [], new=True))


def _limit(text: str) -> dict[str, Any] | None:
    for word, figure in _WORDS.items():
        text = re.sub(rf"\b{word}\b", figure, text, flags=re.IGNORECASE)
    amount = _AMOUNT.search(text)
    if amount is None:
        return None
    number = float(amount["number"].replace(",", ".")) * (1000 if amount["thousand"] else 1)
    unit = (amount["unit"] or "").lower()
    arguments: dict[str, Any] = {"action": "set", "limit": number}
    if unit.startswith("token"):
        arguments["unit"] = "tokens"
    elif unit.startswith(("second", "minute", "hour")):
        arguments["unit"] = "call_seconds"
        arguments["limit"] = number * {"s": 1, "m": 60, "h": 3600}[unit[0]]
    period = next((name for name, words in _PERIODS if re.search(rf"\b(?:{words})\b", text, re.I)), "day")
    if period != "day":
        arguments["period"] = period
    if project := _PROJECT.search(text):
        arguments["project"] = (project["after"] or project["before"]).strip()
    return arguments


ACTS = {
    "pause_all": pause_all,
    "resume_all": resume_all,
    "budget_show": budget_show,
    "budget_set": budget_set,
}
