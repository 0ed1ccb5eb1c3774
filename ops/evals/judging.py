"""Whether a turn went right.

What counts is what was called. Looking something up on the way is free; changing something that nobody asked
for is a wrong action, the worst that can happen; asking back is a miss, which costs the person a sentence.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from rapidfuzz import fuzz, utils

from ops.evals.conversations import NOTHING, Expected, Saying
from ops.evals.overhearing import Called

LOOKING = frozenset(
    {
        "query_tasks",
        "find_task",
        "get_agent_status",
        "get_result",
        "known_facts",
        "search_conversation",
        "brief",
    }
)
"""Tools that change nothing whatever their arguments."""
ON_THE_WAY = frozenset({"query_tasks", "find_task"})
"""Looked at to find out which task is meant; alone, before asking back, they are no answer yet."""
_LOOKING_BY_DEFAULT = ("schedules", "budget")
_LOOKING_ACTIONS = ("list", "show")
_ACTIONS = {"cancel": "cancel_task", "retry": "retry_task", "answer": "answer_gate"}
_TARGETS = ("number", "action", "yes", "channel", "person", "name")
"""Arguments that say what is acted upon: with a wrong one, something else is changed."""
_FREE = frozenset({"description", "acceptance_criteria", "limit", "reason", "fact", "words"})
"""Arguments in the model's own words: judged only when an eval names them."""
_SAME_WORDS = 80


class Verdict(StrEnum):
    """How one turn went."""

    RIGHT = "right"
    WRONG_ARGUMENTS = "wrong arguments"
    MISSED = "missed"
    """Nothing was done: it asked back, or said that it did not understand."""
    ASTRAY = "astray"
    """It looked at something else, and changed nothing."""
    WRONG_ACTION = "wrong action"
    """It changed, or set out to change, what nobody asked for."""


@dataclass(frozen=True)
class Judged:
    """A verdict, and what to tell whoever looks into it."""

    verdict: Verdict
    why: str = ""


def judge(saying: Saying, calls: Sequence[Called], defaults: Mapping[str, Mapping[str, Any]]) -> Judged:
    """The verdict on one turn. `defaults` says for each tool what an argument is when left out."""
    expected = saying.expected or []
    calls = [_plain(call) for call in calls]
    if any(NOTHING in one.tools for one in expected) and not calls:
        return Judged(Verdict.RIGHT)
    wanted = {tool for one in expected for tool in one.tools}
    strange = [call for call in calls if call.tool not in wanted]
    if changing := [call for call in strange if changes(call) and not _prepares(call, wanted)]:
        return Judged(Verdict.WRONG_ACTION, f"called {_told(changing)}")
    lost = all(call.tool in ON_THE_WAY for call in strange)
    nothing = Verdict.MISSED if lost else Verdict.ASTRAY
    found = [_judge_one(one, calls, defaults, nothing) for one in expected if one.tools != [NOTHING]]
    if not found:
        return Judged(Verdict.ASTRAY, f"called {_told(calls)}")
    order = list(Verdict)
    return max(found, key=lambda judged: order.index(judged.verdict))


def changes(call: Called) -> bool:
    """Whether a call may change something."""
    if call.tool in _LOOKING_BY_DEFAULT:
        return call.arguments.get("action") not in (None, *_LOOKING_ACTIONS)
    return call.tool not in LOOKING


def _plain(call: Called) -> Called:
    """The same in the tool of its own, for what `update_task` takes as an action."""
    tool = _ACTIONS.get(str(call.arguments.get("action"))) if call.tool == "update_task" else None
    if tool is None:
        return call
    return Called(tool, {name: value for name, value in call.arguments.items() if name != "action"})


def _prepares(call: Called, wanted: set[str]) -> bool:
    # A task for a project that is not there yet needs the project first.
    return call.tool == "create_project" and "create_task" in wanted


def _judge_one(
    expected: Expected,
    calls: Sequence[Called],
    defaults: Mapping[str, Mapping[str, Any]],
    nothing: Verdict,
) -> Judged:
    hits = [call for call in calls if call.tool in expected.tools]
    if not hits:
        return Judged(nothing, f"called {_told(calls)}, not {' or '.join(expected.tools)}")
    differences = [_differences(expected, call, defaults.get(call.tool, {})) for call in hits]
    best = min(differences, key=len)
    if not best:
        return Judged(Verdict.RIGHT)
    call = hits[differences.index(best)]
    astray = changes(call) and any(name in _TARGETS for name in best)
    verdict = Verdict.WRONG_ACTION if astray else Verdict.WRONG_ARGUMENTS
    return Judged(verdict, f"{_told([call])}: {', '.join(f'{k} {why}' for k, why in best.items())}")


def _differences(expected: Expected, call: Called, defaults: Mapping[str, Any]) -> dict[str, str]:
    """By argument: how the call differs from what was expected. Nothing named: nothing is compared."""
    if not expected.arguments:
        return {}
    found = {}
    for name, wanted in expected.arguments.items():
        given = call.arguments.get(name, defaults.get(name))
        if not same(wanted, given):
            found[name] = f"is {given!r}, not {wanted!r}"
    for name, given in call.arguments.items():
        if name in expected.arguments or name in _FREE or given in (None, "", [], defaults.get(name)):
            continue
        found[name] = f"is {given!r}, and nobody said so"
    return found


def same(wanted: object, given: object) -> bool:
    """Whether two values mean the same: a date is its evening, words may be worded a little differently.

    `~…` is a regular expression, and `any` is anything that is there.
    """
    if wanted == given:
        return True
    if wanted == "any":
        return given not in (None, "", [])
    if isinstance(wanted, date | datetime) or _moment(wanted) is not None:
        return _moment(wanted) == _moment(given) is not None
    if isinstance(wanted, str) and isinstance(given, str):
        if wanted.startswith("~"):
            return re.search(wanted[1:], given, re.IGNORECASE) is not None
        alike = fuzz.token_sort_ratio(wanted, given, processor=utils.default_process)
        return alike >= (_SAME_WORDS if " " in wanted else 100)
    if isinstance(wanted, Sequence) and isinstance(given, Sequence):
        if not all(isinstance(one, str) for one in (*wanted, *given)):
            return len(wanted) == len(given) and all(map(same, wanted, given))
        return sorted(wanted) == sorted(given)
    if isinstance(wanted, Mapping) and isinstance(given, Mapping):
        return all(same(value, given.get(name)) for name, value in wanted.items())
    if isinstance(wanted, int | float) and isinstance(given, int | float | str):
        return str(float(wanted)) == str(given) or float(wanted) == _number(given)
    return False


def _number(given: object) -> float | None:
    try:
        return float(str(given))
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    """As the person's clock shows it; a day alone is its last minute."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None, second=0, microsecond=0)
    return datetime.combine(value, time(23, 59)) if isinstance(value, date) else None


def _told(calls: Sequence[Called]) -> str:
    said = (f"{c.tool}({', '.join(f'{k}={v!r}' for k, v in c.arguments.items())})" for c in calls)
    return ", ".join(said) or "nothing"
