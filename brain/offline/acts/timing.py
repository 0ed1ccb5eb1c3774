"""Reminders, and work that comes again and again."""

from typing import Any

from brain.offline import phrases, wording
from brain.offline.dialogue import Call, Move, Speech
from brain.offline.due import find_moment, written_clock
from brain.offline.goals import Goal, act, failed, told
from brain.offline.recurring import find_recurrence
from brain.offline.slots import details


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
    action, name = goal.slot("do") or "delete", (goal.slot("words") or "").strip(" .!?\"“”'")
    got = act(goal, "schedules", {"action": action, "name": name})
    if isinstance(got, Call):
        return got
    return Speech(told(got) or wording.schedule_changed(name, action))


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
