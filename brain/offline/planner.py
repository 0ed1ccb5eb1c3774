"""The next move of the offline chief: which tool to call, or what to say.

A move follows from the dialogue alone, so the planner works out afresh, after every tool result, what the
person wants. `_HANDLERS` has one function for each intent.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rapidfuzz import fuzz, process, utils

from brain.offline import wording
from brain.offline.dialogue import Call, Dialogue, Move, Said, Speech
from brain.offline.due import parse_due
from brain.offline.slots import Details, details, name_files, priority_of
from brain.offline.understanding import Understanding, Understood, redo
from brain.rows import Outcome, TaskRow

_CONFIRM = re.compile(r"^Shall I cancel task (\d+)\b")
_OPEN_QUESTION = re.compile(
    r"\btask (\d+)\b.*(?:needs (?:you|your)|is blocked|is waiting|asks|question)", re.I | re.S
)
_MENTIONED = re.compile(r"\btask (\d+)\b", re.IGNORECASE)
_OPEN = ["pending", "in_progress", "blocked"]
_ENDED = ("completed", "failed", "cancelled")
_LEAST_NAME_SCORE = 70


@dataclass(frozen=True)
class Goal:
    """What the person wants, and the message that said so: after a "yes", that is an earlier one."""

    said: Said
    understood: Understood
    dialogue: Dialogue
    now: datetime

    def slot(self, name: str) -> str | None:
        return self.understood.slots.get(name)

    def outcome(self, tool: str) -> Outcome | None:
        """What the newest call of this tool in this turn gave."""
        return next((s.outcome for s in reversed(self.dialogue.steps) if s.tool == tool), None)


class Planner:
    """Decides the next move."""

    def __init__(self, understanding: Understanding, clock: Callable[[], datetime]) -> None:
        """`clock` gives the person's local time, with its zone."""
        self._understanding = understanding
        self._clock = clock

    def next_move(self, dialogue: Dialogue) -> Move:
        """A call, or the final words."""
        goal = self._goal(dialogue)
        if not goal.understood.certain:
            return Speech(_ask(goal))
        return _HANDLERS[goal.understood.intent](goal)

    def _goal(self, dialogue: Dialogue) -> Goal:
        understood = self._understanding.understand(dialogue.now)
        goal = Goal(dialogue.now, understood, dialogue, self._clock())
        if understood.intent in ("yes", "no", "pick"):
            return self._answered(goal)
        if dialogue.last_by_chief == wording.ASK_TITLE and understood.intent in ("other", "create_task"):
            rest = understood.slots.get("rest") or dialogue.now.text
            return Goal(dialogue.now, Understood("create_task", {"rest": rest}), dialogue, goal.now)
        if dialogue.last_by_chief == wording.ASK_PROJECT and understood.intent == "other":
            named = Understood("create_project", {"title": dialogue.now.text})
            return Goal(dialogue.now, named, dialogue, goal.now)
        asked = _OPEN_QUESTION.search(dialogue.last_by_chief)
        if asked and (not understood.certain or understood.intent == "other"):
            answer = Understood("answer_task", {"n": asked[1], "answer": dialogue.now.text})
            return Goal(dialogue.now, answer, dialogue, goal.now)
        return goal

    def _answered(self, goal: Goal) -> Goal:
        """What "yes", "no" or "2" refers to."""
        dialogue, intent = goal.dialogue, goal.understood.intent
        asked = dialogue.last_by_chief
        cancel = _CONFIRM.match(asked)
        if cancel and intent != "pick":
            meant = "cancel_confirmed" if intent == "yes" else "nothing"
            return Goal(goal.said, Understood(meant, {"n": cancel[1]}), dialogue, goal.now)
        previous = dialogue.last_by_person
        if asked.startswith("Did you mean") and previous is not None and intent != "no":
            options = self._understanding.understand(previous).options
            at = int(goal.slot("choice") or 1) - 1
            if at < len(options):
                return Goal(previous, redo(previous, options[at]), dialogue, goal.now)
        question = _OPEN_QUESTION.search(asked)
        if question and not asked.startswith("Did you mean"):
            answer = Understood("answer_task", {"n": question[1], "answer": goal.said.text})
            return Goal(goal.said, answer, dialogue, goal.now)
        meant = "nothing" if intent == "no" else "yes_to_what"
        return Goal(goal.said, Understood(meant), dialogue, goal.now)


def _ask(goal: Goal) -> str:
    return wording.suggest([_option(goal, intent) for intent in goal.understood.options])


def _option(goal: Goal, intent: str) -> str:
    if intent == "create_task":
        return f"create a task “{_details(goal, goal.said.text).title}”"
    number = _MENTIONED.search(goal.said.text)
    task = f"task {number[1]}" if number else "a task"
    return {
        "create_project": "create a project",
        "overview": "tell you what is going on",
        "list_tasks": "list your tasks",
        "show_task": f"show {task}",
        "cancel_task": f"cancel {task}",
        "retry_task": f"try {task} again",
        "change_task": f"change {task}",
        "agents": "tell you who is working",
        "list_projects": "list your projects",
    }.get(intent, "see what I can do")


def _details(goal: Goal, rest: str) -> Details:
    if goal.said.files and not rest.strip():
        rest = f"Analyse {name_files(goal.said.files)}"
    return details(rest, goal.said.files, goal.now)


def _create_task(goal: Goal) -> Move:
    made, project = goal.outcome("create_task"), goal.outcome("create_project")
    if made is not None and made.task is not None:
        return Speech(wording.created(made.task, new_project=project is not None))
    rest = goal.slot("rest") or ""
    if not rest and not goal.said.files:
        return Speech(wording.ASK_TITLE)
    what = _details(goal, rest)
    if made is not None and made.error is not None:
        # A project that is named but missing is made first; any other refusal is told.
        if made.error.code != "project_not_found" or what.project is None or (project and project.error):
            return Speech(wording.failure((project and project.error) or made.error))
        if project is None:
            return Call("create_project", {"name": what.project})
    return Call("create_task", _new_task(goal, what))


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


def _create_project(goal: Goal) -> Move:
    made = goal.outcome("create_project")
    if made is not None:
        return Speech(wording.project_created(made.project) if made.project else _failed(made))
    title = (goal.slot("title") or "").strip(" .!\"“”'")
    return (
        Call("create_project", {"name": title[:1].upper() + title[1:]})
        if title
        else Speech(wording.ASK_PROJECT)
    )


def _overview(goal: Goal) -> Move:
    got = goal.outcome("query_tasks")
    if got is None:
        return Call("query_tasks", {"view": "overview"})
    return Speech(wording.overview(got.overview, goal.now) if got.overview else _failed(got))


def _list_tasks(goal: Goal) -> Move:
    state, priority, project = goal.slot("state"), goal.slot("priority"), goal.slot("project")
    got = goal.outcome("query_tasks")
    if got is None:
        arguments: dict[str, Any] = {"view": "list"}
        if state or not project:
            arguments["status"] = [state] if state and state != "open" else _OPEN
        if priority:
            arguments["priority"] = priority
        if project:
            arguments["project"] = project.strip(" ?.!").removesuffix(" project")
        return Call("query_tasks", arguments)
    if got.tasks is None:
        return Speech(_failed(got))
    adjective = {None: "open", "in_progress": "running"}.get(state, state)
    wanted = " ".join(word for word in (adjective if state or not project else "", priority, "tasks") if word)
    return Speech(wording.tasks(got.tasks, more=got.more, wanted=wanted))


def _show_task(goal: Goal) -> Move:
    got = goal.outcome("query_tasks")
    if got is not None:
        return Speech(wording.task_details(got.task, goal.now) if got.task else _failed(got))
    number = _number(goal)
    return (
        Speech(wording.ASK_WHICH)
        if number is None
        else Call("query_tasks", {"view": "task", "number": number})
    )


def _cancel_task(goal: Goal) -> Move:
    task = _find(goal)
    if isinstance(task, Speech | Call):
        return task
    return Speech(wording.cannot_cancel(task) if task.status in _ENDED else wording.confirm_cancel(task))


def _cancel_confirmed(goal: Goal) -> Move:
    return _update(goal, int(goal.slot("n") or 0), {"action": "cancel"})


def _retry_task(goal: Goal) -> Move:
    number = _number(goal)
    if number is None:
        task = _find(goal)
        if isinstance(task, Speech | Call):
            return task
        number = task.number
    return _update(goal, number, {"action": "retry"})


def _change_task(goal: Goal) -> Move:
    number = _number(goal)
    if number is None:
        return Speech(wording.ASK_WHICH)
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
            return Speech(
                f"I could not read “{when}” as a date. Try “task {number} is due Friday” or 2030-01-31."
            )
        changes["due"] = due.isoformat()
    return _update(goal, number, changes) if changes else Speech(wording.ASK_CHANGE)


def _answer_task(goal: Goal) -> Move:
    number, answer = goal.slot("n"), goal.slot("answer")
    if number is None or not answer:
        return Speech("Tell me the task and the answer, such as “task 3: use the second column”.")
    return _update(goal, int(number), {"action": "answer", "answer": answer.strip()})


def _update(goal: Goal, number: int, changes: dict[str, Any]) -> Move:
    done = goal.outcome("update_task")
    if done is None:
        return Call("update_task", {"number": number, **changes})
    return Speech(wording.changed(done.task, done.done, list(changes)) if done.task else _failed(done))


def _agents(goal: Goal) -> Move:
    got = goal.outcome("get_agent_status")
    if got is None:
        return Call("get_agent_status", {})
    return Speech(wording.agents(got.agents) if got.agents is not None else _failed(got))


def _list_projects(goal: Goal) -> Move:
    got = goal.outcome("query_tasks")
    if got is None:
        return Call("query_tasks", {"view": "projects"})
    return Speech(wording.projects(got.projects) if got.projects is not None else _failed(got))


def _complete_task(goal: Goal) -> Move:
    return Speech(wording.NOT_MINE_TO_COMPLETE.format(n=_number(goal) or "…"))


def _unknown_command(goal: Goal) -> Move:
    return Speech(f"I do not know the command {goal.slot('name')}.\n\n{wording.HELP}")


def _number(goal: Goal) -> int | None:
    """The task that was named by number, or by "it": the one that was last spoken of."""
    if number := goal.slot("n"):
        return int(number)
    if goal.slot("it") is None:
        return None
    for said in reversed(goal.dialogue.before):
        if mentioned := _MENTIONED.findall(said.text):
            return int(mentioned[0])
    return None


def _find(goal: Goal) -> TaskRow | Move:
    """The row of the task that was named by number, "it" or words out of its title."""
    got, number, words = goal.outcome("query_tasks"), _number(goal), goal.slot("words")
    if got is not None and got.error is not None:
        return Speech(wording.failure(got.error))
    if number is not None:
        return got.task if got and got.task else Call("query_tasks", {"view": "task", "number": number})
    if not words:
        return Speech(wording.ASK_WHICH)
    if got is None:
        return Call("query_tasks", {"view": "list", "status": _OPEN, "limit": 100})
    return _best_named(words, got.tasks or [])


def _best_named(words: str, rows: list[TaskRow]) -> TaskRow | Speech:
    titles = {row.number: row.title for row in rows}
    found = process.extract(
        words, titles, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=_LEAST_NAME_SCORE
    )
    if not found:
        return Speech(f"I found no open task that is called something like “{words}”. {wording.ASK_WHICH}")
    best = [key for _, score, key in found if score >= found[0][1] - 5]
    fitting = [row for row in rows if row.number in best]
    return fitting[0] if len(fitting) == 1 else Speech(wording.several(fitting))


def _failed(outcome: Outcome) -> str:
    return wording.failure(outcome.error) if outcome.error else wording.NOT_UNDERSTOOD


def _say(text: str) -> Callable[[Goal], Move]:
    return lambda _: Speech(text)


_HANDLERS: dict[str, Callable[[Goal], Move]] = {
    "create_task": _create_task,
    "create_project": _create_project,
    "overview": _overview,
    "list_tasks": _list_tasks,
    "show_task": _show_task,
    "cancel_task": _cancel_task,
    "cancel_confirmed": _cancel_confirmed,
    "cancel_all": _say(wording.NOT_ALL),
    "retry_task": _retry_task,
    "change_task": _change_task,
    "answer_task": _answer_task,
    "complete_task": _complete_task,
    "agents": _agents,
    "list_projects": _list_projects,
    "help": _say(wording.HELP),
    "identity": _say(wording.IDENTITY),
    "add_model": _say(wording.ADD_MODEL),
    "greeting": _say(wording.GREETING),
    "thanks": _say(wording.THANKS),
    "goodbye": _say(wording.GOODBYE),
    "begin_anew": _say(wording.BEGUN_ANEW),
    "nothing": _say(wording.NOTHING_CHANGED),
    "yes_to_what": _say(wording.YES_TO_WHAT),
    "unknown_command": _unknown_command,
    "other": _say(wording.NOT_UNDERSTOOD),
}
