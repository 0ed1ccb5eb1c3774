"""Changing tasks, ending them, answering what they ask."""

from typing import Any

from brain.offline import answers, edits, options, phrases, wording
from brain.offline.dialogue import Call, Move, Speech
from brain.offline.goals import Goal, act, failed, mentioned, told, which
from brain.offline.slots import priority_of
from brain.rows import TaskRow


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
    if "description" in changes:
        row = goal.looked_at("task")
        if row is None:
            return Call("query_tasks", {"view": "task", "number": number})
        earlier = row.task.description if row.task else None
        changes["description"] = "\n".join(filter(None, (earlier, changes["description"])))
    return _done(goal, "update_task", {"number": number, **changes})


def depends(goal: Goal) -> Move:
    number, other = which(goal), goal.slot("other")
    if isinstance(number, Speech | Call):
        return number
    return _done(goal, "update_task", {"number": number, "depends_on": [int(other or 0)]})


def answer_task(goal: Goal) -> Move:
    """What a worker asked is answered: in the person's words, or by the option that they name."""
    asking = _asking(goal)
    if not isinstance(asking, TaskRow):
        return asking
    free = goal.slot("answer") is None
    answer = answers.answer_of(goal.said.text, asking) if free else (goal.slot("answer") or "").strip()
    return _done(goal, "answer_gate", {"number": asking.number, "answer": answer})


def approve(goal: Goal) -> Move:
    if goal.slot("free") is not None:
        return answer_task(goal)
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
    named = goal.slot("project") or edits.project_named(goal.slot("free") or "") or ""
    name = named.strip(" .!?\"“”'")
    if not name:
        return Speech(phrases.ASK_WHICH_PROJECT)
    got = act(goal, "delete_project", {"name": name})
    return got if isinstance(got, Call) else Speech(told(got) or wording.confirmed(got))


def complete_task(goal: Goal) -> Move:
    return Speech(phrases.NOT_MINE_TO_COMPLETE.format(n=goal.number() or "…"))


def _asking(goal: Goal) -> TaskRow | Move:
    """The task whose question is answered: by number, words or options, or because no other asks."""
    if (number := goal.number()) is not None:
        got = act(goal, "query_tasks", {"view": "task", "number": number})
        if isinstance(got, Call):
            return got
        return got.task or Speech(failed(got))
    got = act(goal, "query_tasks", {"view": "list", "status": ["blocked"]})
    if isinstance(got, Call):
        return got
    asking = got.tasks or []
    if goal.understood.intent == "approve":
        asking = [row for row in asking if answers.asks_for_approval(row)] or asking
    rows = answers.asked_about(goal.said.text, asking, mentioned(goal.dialogue.last_by_chief))
    if len(rows) == 1:
        return rows[0]
    return Speech(options.several(rows) if rows else phrases.ASK_WHICH)


def _changes(goal: Goal) -> dict[str, Any] | Speech:
    changes: dict[str, Any] = {}
    free = goal.slot("free")
    if title := goal.slot("title") or (edits.title_in(free) if free else None):
        changes["title"] = title.strip(" .\"“”'")
    loosely = edits.priority_in(free) if free and not title else None
    if priority := goal.slot("priority") or priority_of(goal.said.text) or loosely:
        changes["priority"] = priority
    if project := goal.slot("project") or (edits.project_in(free) if free else None):
        changes["project"] = project.strip(" .\"“”'")
    when = goal.slot("when") or ("" if title else free)
    if when and (due := edits.due_in(when, goal.now)):
        changes["due"] = due.isoformat()
    elif goal.slot("when") and not changes:
        if priority := edits.priority_in(goal.said.text):
            return {"priority": priority}
        return Speech(phrases.NO_DATE.format(when=when))
    if free and not changes and edits.adds(free):
        changes["description"] = free
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
