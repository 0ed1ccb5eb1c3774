"""What is asked when several things could be meant."""

from collections.abc import Sequence

from brain.offline import phrases
from brain.rows import TaskRow


def suggest(options: Sequence[str]) -> str:
    """Asks what was meant; `planner` recognises the beginning of this sentence when the answer comes."""
    if len(options) == 1:
        return f"{phrases.DID_YOU_MEAN}: {options[0]}? Say yes, or tell me in other words."
    numbered = " or ".join(f"({at}) {option}" for at, option in enumerate(options, start=1))
    return f"{phrases.DID_YOU_MEAN} {numbered}? Say 1 or 2, or tell me in other words."


def several(rows: Sequence[TaskRow]) -> str:
    """When words fit more than one task."""
    listed = "\n".join(f"- Task {task.number}, “{task.title}”" for task in rows[:5])
    return f"Several tasks fit that. Which one do you mean?\n{listed}"


def option(intent: str, task: str) -> str:
    """What "did you mean" offers for an intent."""
    return {
        "create_project": "create a project",
        "plan": "plan something in steps",
        "overview": "tell you what is going on",
        "brief": "give you a brief",
        "list_tasks": "list your tasks",
        "show_task": f"show {task}",
        "result": f"read you the result of {task}",
        "cancel_task": f"cancel {task}",
        "retry_task": f"try {task} again",
        "change_task": f"change {task}",
        "approve": f"approve {task}",
        "agents": "tell you who is working",
        "list_projects": "list your projects",
        "remind": "set a reminder",
        "schedule": "set up something that repeats",
        "list_schedules": "list your reminders",
        "budget_show": "tell you what was spent",
        "budget_set": "set a budget",
        "pause_all": "pause everything",
        "resume_all": "let everything go on",
        "search": "search what we said",
        "known_facts": "tell you what I know about you",
        "remember": "keep that in mind",
        "forget": "forget something about you",
        "profile": "change your name, language or time zone",
        "send_to_me": "send you something",
        "message_person": "send somebody a message",
        "artifact": "write that into a file",
        "answer_task": f"answer the question of {task}",
        "change_schedule": "change a reminder",
        "delete_project": "delete a project",
    }.get(intent, "see what I can do")
