"""Changing tasks, ending them, answering what they ask."""

from typing import Any

from brain.offline import phrases, wording
from brain.offline.dialogue import Call, Move, Speech
from brain.offline.due import find_due, parse_due
from brain.offline.goals import Goal, act, failed, told, which
from brain.offline.slots import priority_of


def cancel_task(goal: Goal) -> Move:
    """The tool itself asks whether it is really meant; the answer to that is `confirm`."""
    number = which(goal)
    return number if isinstance(number, Speech | Call) else _done(goal, "cancel_task", {"number": number})


def retry_task(goal: Goal) -> Move:
    number = which(goal, status=["failed", "cancelled"])
    return number if isinstance(number, Speech | Call) else _done(goal, "retry_task", {"number": number})


def change_task(goal: Goal) -> Move:
    changes = _changes(goal)
    if isinstance(changes, Speech):
        return changes
    if not changes:
        return Speech(phrases.ASK_CHANGE)
    number = which(goal)
    if isinstance(number, Speech | Call):
        return number
    return _done(goal, "update_task", {"number": number, **changes})


def depends(goal: Goal) -> Move:
    number, other = which(goal), goal.slot("other")
    if isinstance(number, Speech | Call):
        return number
    return _done(goal, "update_task", {"number": number, "depends_on": [int(other or 0)]})


def answer_task(goal: Goal) -> Move:
    number, answer = goal.slot("n"), goal.slot("answer")
    if number is None or not answer:
        return Speech("Tell me the task and the answer, such as “task 3: use the second column”.")
    return _done(goal, "answer_gate", {"number": int(number), "answer": answer.strip()})


def approve(goal: Goal) -> Move:
    number = which(goal)
    if isinstance(number, Speech | Call):
        return number
    return _done(goal, "answer_gate", {"number": number, "answer": goal.slot("answer") or "yes"})


def confirm(goal: Goal) -> Move:
    """The person's yes or no to what the chief asked before it did anything."""
    got = act(goal, "confirm", {} if goal.slot("answer") == "yes" else {"yes": False})
    if isinstance(got, Call):
        return got
    if got.error is not None and goal.slot("answer") != "yes":
        return Speech(phrases.NOTHING_CHANGED)
    if said := told(got):
        return Speech(said)
    return Speech(wording.confirmed(got))


def delete_project(goal: Goal) -> Move:
    name = (goal.slot("project") or "").strip(" .!?\"“”'")
    got = act(goal, "delete_project", {"name": name})
    return got if isinstance(got, Call) else Speech(told(got) or wording.confirmed(got))


def complete_task(goal: Goal) -> Move:
    return Speech(phrases.NOT_MINE_TO_COMPLETE.format(n=goal.number() or "…"))


def _changes(goal: Goal) -> dict[str, Any] | Speech:
    changes: dict[str, Any] = {}
    if title := goal.slot("title"):
        changes["title"] = title.strip(" .\"“”'")
    if priority := goal.slot("priority") or priority_of(goal.said.text):
        changes["priority"] = priority
    if project := goal.slot("project"):
        changes["project"] = project.strip(" .\"“”'")
    if when := goal.slot("when"):
        due = parse_due(when, goal.now)
        if due is None:
            return Speech(phrases.NO_DATE.format(when=when))
        changes["due"] = due.isoformat()
    elif not changes and (named := find_due(goal.slot("rest") or "", goal.now)):
        changes["due"] = named.at.isoformat()
    return changes


def _done(goal: Goal, tool: str, arguments: dict[str, Any]) -> Move:
    got = act(goal, tool, arguments)
    if isinstance(got, Call):
        return got
    if said := told(got):
        return Speech(said)
    return Speech(wording.changed(got.task, got.done, list(arguments)) if got.task else failed(got))


ACTS = {
    "cancel_task": cancel_task,
    "retry_task": retry_task,
    "change_task": change_task,
    "depends": depends,
    "answer_task": answer_task,
    "approve": approve,
    "confirm": confirm,
    "delete_project": delete_project,
    "complete_task": complete_task,
}
