"""Questions about how things stand."""

from typing import Any

from brain.offline import aloud, phrases, wording
from brain.offline.dialogue import Call, Move, Speech
from brain.offline.goals import OPEN, Goal, act, failed, found
from brain.rows import TaskRow


def overview(goal: Goal) -> Move:
    got = act(goal, "query_tasks", {"view": "overview"})
    if isinstance(got, Call):
        return got
    if got.overview is None:
        return Speech(failed(got))
    return Speech(wording.overview(got.overview, goal.now), aloud.overview(got.overview))


def brief(goal: Goal) -> Move:
    got = act(goal, "brief", {})
    if isinstance(got, Call):
        return got
    if got.overview is None:
        return Speech(failed(got))
    return Speech(wording.brief(got.overview, goal.now), aloud.brief(got.overview))


def list_tasks(goal: Goal) -> Move:
    state, priority, project = goal.slot("state"), goal.slot("priority"), goal.slot("project")
    arguments: dict[str, Any] = {"view": "list"}
    if state or not project:
        arguments["status"] = [state] if state and state != "open" else OPEN
    if priority:
        arguments["priority"] = priority
    if project:
        arguments["project"] = project.strip(" ?.!").removesuffix(" project")
    got = act(goal, "query_tasks", arguments)
    if isinstance(got, Call):
        return got
    if got.tasks is None:
        return Speech(failed(got))
    adjective = {None: "open", "in_progress": "running"}.get(state, state)
    wanted = " ".join(word for word in (adjective if state or not project else "", priority, "tasks") if word)
    return Speech(wording.tasks(got.tasks, more=got.more, wanted=wanted))


def show_task(goal: Goal) -> Move:
    number, words = goal.number(), goal.words()
    if number is None and words is None:
        return Speech(phrases.ASK_WHICH)
    if number is None and words is not None:
        row = found(goal, words)
        if isinstance(row, Speech | Call):
            return row
        return _details(row, goal)
    got = act(goal, "query_tasks", {"view": "task", "number": number})
    if isinstance(got, Call):
        return got
    return _details(got.task, goal) if got.task else Speech(failed(got))


def _details(task: TaskRow, goal: Goal) -> Speech:
    return Speech(wording.task_details(task, goal.now), aloud.one_task(task))


def agents(goal: Goal) -> Move:
    got = act(goal, "get_agent_status", {})
    if isinstance(got, Call):
        return got
    return Speech(wording.agents(got.agents) if got.agents is not None else failed(got))


def list_projects(goal: Goal) -> Move:
    got = act(goal, "query_tasks", {"view": "projects"})
    if isinstance(got, Call):
        return got
    return Speech(wording.projects(got.projects) if got.projects is not None else failed(got))


ACTS = {
    "overview": overview,
    "brief": brief,
    "list_tasks": list_tasks,
    "show_task": show_task,
    "agents": agents,
    "list_projects": list_projects,
}
