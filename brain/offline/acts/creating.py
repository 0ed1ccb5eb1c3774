"""Work that is handed over: tasks, projects, plans."""

import re
from typing import Any

from brain.offline import phrases, wording
from brain.offline.acts.calling import after_creating, without_call
from brain.offline.dialogue import Call, Move, Speech
from brain.offline.goals import OPEN, Goal, act, failed, told
from brain.offline.references import CLEARLY_NAMED, named_in
from brain.offline.slots import Details, details, name_files

_BETWEEN = re.compile(
    r"\s*(?:;|\n+|[,.]?\s*\b(?:and )?(?:then|after that|afterwards|next|finally"
    r"|lastly|secondly|thirdly|second|third|last)\b[,:]?"
    r"|(?:^|\s)\d+[.)]\s|(?:^|\n)\s*[-*•]\s)\s*",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"^\s*(?:(?:the )?steps(?: are)?[:,]?\s*)?(?:first(?:ly| of all)?|begin with|1[.)])[,:]?\s*",
    re.IGNORECASE,
)
_STEPS_IN_GOAL = re.compile(
    r"\s*[:,.\u2013-]\s*(?=(?:the steps|first|1[.)])\b)|\s+(?=first\b)", re.IGNORECASE
)
_LISTED = re.compile(r"^(?P<goal>[^:]{3,}):\s*(?P<steps>[^:,]+(?:,\s*[^:,]+)+)$", re.DOTALL)
"""A goal, and its steps behind a colon."""
_PROJECT_NAME = re.compile(
    r"[\"“\u2018'](?P<quoted>[^\"”\u2019']{2,60})[\"”\u2019']"
    r"|\bprojects?[,:]? (?:is |with (?:the )?name (?:of )?)?(?:called|named|name|for|titled|:)?\s*"
    r"(?P<after>(?!for\b|with\b|to\b)[\w][\w &-]{1,60}?)(?=[.,!?:;]|\s+for (?:all|the|my|our)\b|$)"
    r"|\b(?:call it|named?|called) (?P<called>[\w][\w &-]{1,60}?)(?=[.,!?:;]|$)"
    r"|\bproject:\s*(?P<colon>[\w][\w &-]{1,60}?)(?=[.,!?:;]|$)"
    r"|^(?P<first>[A-Z]\w+(?: [A-Z]\w*)*) (?:is what|shall be|should be)\b",
    re.IGNORECASE,
)


def create_task(goal: Goal) -> Move:
    made, project = goal.outcome("create_task"), goal.outcome("create_project")
    rest, calls = without_call(goal.slot("rest") or "")
    if made is not None and made.task is not None:
        said = wording.created(made.task, new_project=project is not None)
        return after_creating(goal, made.task.number, said) if calls else Speech(said)
    if not rest and not goal.said.files:
        return Speech(phrases.ASK_TITLE)
    if made is None and goal.slot("known") is not None and (known := _known(goal)) is not None:
        return known
    what = task_details(goal, rest)
    if made is not None and made.error is not None:
        # A project that is named but missing is made first; any other refusal is told.
        if made.error.code != "project_not_found" or what.project is None or (project and project.error):
            return Speech(wording.failure((project and project.error) or made.error))
        if project is None:
            return Call("create_project", {"name": what.project})
    return Call("create_task", _new_task(goal, what))


def _known(goal: Goal) -> Move | None:
    """The task that is there already, or has failed, when the words could as well be about that."""
    got = act(goal, "query_tasks", {"view": "list", "status": [*OPEN, "failed"], "limit": 100})
    if isinstance(got, Call):
        return got
    named = named_in(goal.said.text, got.tasks or [], least=CLEARLY_NAMED)
    if len(named) != 1:
        return None
    return Speech(f"{wording.task_details(named[0], goal.now)}\n{phrases.PERHAPS_NEW}")


def create_project(goal: Goal) -> Move:
    title = goal.slot("title") or ""
    if goal.slot("free") is not None:
        named = _PROJECT_NAME.search(title)
        title = next(filter(None, named.groups()), "") if named else ""
    title = title.strip(" .!\"“”'")
    if not title:
        return Speech(phrases.ASK_PROJECT)
    made = act(goal, "create_project", {"name": title[:1].upper() + title[1:]})
    if isinstance(made, Call):
        return made
    return Speech(wording.project_created(made.project) if made.project else failed(made))


def plan(goal: Goal) -> Move:
    """A goal with its steps in the person's own words; inventing steps takes a language model."""
    matter, steps = _goal_and_steps(goal)
    if not matter:
        return Speech(phrases.ASK_GOAL)
    if len(steps) < 2:
        return Speech(phrases.ASK_STEPS.format(goal=matter))
    numbered = [
        {"title": details(step, (), goal.now).title} | ({"after": [at]} if at else {})
        for at, step in enumerate(steps)
    ]
    planned = act(goal, "plan", {"goal": matter, "steps": numbered})
    if isinstance(planned, Call):
        return planned
    return Speech(told(planned) or wording.planned(planned.tasks or []))


def task_details(goal: Goal, rest: str) -> Details:
    """What the words say about a new task."""
    if goal.said.files and not rest.strip():
        rest = f"Analyse {name_files(goal.said.files)}"
    return details(rest, goal.said.files, goal.now)


def _goal_and_steps(goal: Goal) -> tuple[str, list[str]]:
    matter, said = goal.slot("goal") or "", goal.slot("steps") or ""
    if not said:
        matter, said = [*_STEPS_IN_GOAL.split(matter, maxsplit=1), ""][:2]
    if not said and (listed := _LISTED.match(matter)):
        matter, said = listed["goal"], listed["steps"].replace(",", ";")
    steps = [step.strip(" ,.:") for step in _BETWEEN.split(_FIRST.sub("", said))]
    matter = matter.strip(" .,:\"'“”")
    return matter[:1].upper() + matter[1:], [step for step in steps if step]


def _new_task(goal: Goal, what: Details) -> dict[str, Any]:
    arguments: dict[str, Any] = {"title": what.title}
    if what.description:
        arguments["description"] = what.description
    if priority := what.priority or goal.slot("priority"):
        arguments["priority"] = priority
    if what.project:
        arguments["project"] = what.project
    if what.due:
        arguments["due"] = what.due.isoformat()
    if goal.said.files:
        arguments["attachments"] = [file.artifact_id for file in goal.said.files]
    return arguments


ACTS = {"create_task": create_task, "create_project": create_project, "plan": plan}
