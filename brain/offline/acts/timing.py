"""Reminders, and work that comes again and again."""

import re
from typing import Any

from brain.offline import phrases, wording
from brain.offline.dialogue import Call, Move, Speech
from brain.offline.due import find_moment, written_clock
from brain.offline.goals import Goal, act, failed, told
from brain.offline.recurring import find_recurrence
from brain.offline.references import closest
from brain.offline.slots import details

_CHANGES = (
    ("run", re.compile(r"\brun\b.*\bnow\b|\b(?:run|start|trigger) (?:it|that|the)\b", re.IGNORECASE)),
    ("resume", re.compile(r"\b(?:resume|unpause|back on|again|reactivate|turn on)\b", re.IGNORECASE)),
    (
        "pause",
        re.compile(r"\b(?:paus\w+|suspend\w*|hold|for now|while|until|till|holidays?)\b", re.IGNORECASE),
    ),
    (
        "delete",
        re.compile(
            r"\b(?:delete|drop|kill|stop|nuke|cancel|remove|rid of|take off|off|go away|no more"
            r"|don't need)\b",
            re.IGNORECASE,
        ),
    ),
)
"""The first that fits is meant."""


def remind(goal: Goal) -> Move:
    rest = written_clock(goal.slot("rest") or "")
    if (often := find_recurrence(rest)) is not None:
        return _scheduled(goal, often.cron, often.rest, reminder=True)
    when = find_moment(rest, goal.now)
    if when is None:
        return Speech(phrases.ASK_WHEN if _matter(rest) else phrases.ASK_REMINDER)
    if not _matter(when.rest):
        return Speech(phrases.ASK_REMINDER)
    got = act(goal, "remind", {"text": _matter(when.rest), "at": when.at.isoformat()})
    if isinstance(got, Call):
        return got
    return Speech(told(got) or wording.will_remind(_matter(when.rest), when.at, goal.now))


def schedule(goal: Goal) -> Move:
    """Work that recurs; understood whenever a wish for work names how often."""
    return _scheduled(goal, goal.slot("cron") or "", goal.slot("rest") or "", reminder=False)


def list_schedules(goal: Goal) -> Move:
    got = act(goal, "schedules", {})
    if isinstance(got, Call):
        return got
    return Speech(wording.schedules(got.schedules) if got.schedules is not None else failed(got))


def change_schedule(goal: Goal) -> Move:
    if (free := goal.slot("free")) is not None:
        return _change_named(goal, free)
    action, name = goal.slot("do") or "delete", (goal.slot("words") or "").strip(" .!?\"“”'")
    return _changed(goal, action, name)


def _change_named(goal: Goal, free: str) -> Move:
    """The one that the sentence speaks of is looked for first."""
    asked = [step for step in goal.dialogue.steps if step.tool == "schedules"]
    if not asked:
        return Call("schedules", {})
    rows = asked[0].outcome.schedules or []
    action = next((name for name, words in _CHANGES if words.search(free)), None)
    near = closest(free, {row.name: row.name for row in rows})
    if action is None or len(near) != 1:
        return Speech(wording.schedules(rows))
    return _changed(goal, action, near[0])


def _changed(goal: Goal, action: str, name: str) -> Move:
    done = next((s for s in goal.dialogue.steps if s.tool == "schedules" and "action" in s.arguments), None)
    if done is None:
        return Call("schedules", {"action": action, "name": name})
    return Speech(told(done.outcome) or wording.schedule_changed(name, action))


def _scheduled(goal: Goal, cron: str, rest: str, *, reminder: bool) -> Move:
    what = details(_matter(rest), goal.said.files, goal.now)
    if not what.title:
        return Speech(phrases.ASK_TITLE)
    arguments: dict[str, Any] = {"title": what.title, "when": cron}
    if what.priority:
        arguments["priority"] = what.priority
    if what.project and not reminder:
        arguments["project"] = what.project
    if reminder:
        arguments["reminder"] = True
    got = act(goal, "schedule", arguments)
    if isinstance(got, Call):
        return got
    return Speech(told(got) or wording.scheduled(what.title, got.schedules or [], reminder=reminder))


def _matter(rest: str) -> str:
    """What a reminder is about, without the words that lead up to it."""
    text = rest.strip(" .,!?\"“”'")
    for lead in ("please ", "me ", "to ", "that ", "about ", "of ", "for ", "when ", "again "):
        if text.lower().startswith(lead):
            text = text[len(lead) :]
    text = text.strip(" .,!?")
    if text.lower() in ("me", "to", "for me", "please", "something", "it", "that", "for"):
        return ""
    return text[:1].upper() + text[1:]


ACTS = {
    "remind": remind,
    "schedule": schedule,
    "list_schedules": list_schedules,
    "change_schedule": change_schedule,
}
